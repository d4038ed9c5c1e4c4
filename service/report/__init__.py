# SPDX-License-Identifier: Apache-2.0
"""The governors' report: gather, make, print, approve, keep.

Boundary: what may be shown is decided in `agent.core.summary`; here is where it is gathered from
and what it looks like. HTML and PDF are made from the same blocks, the blocks from the model alone.
"""
