# SPDX-License-Identifier: Apache-2.0
"""The first run: from a set-up code to a test photo, in steps that can be resumed."""
