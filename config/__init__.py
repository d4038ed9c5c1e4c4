# SPDX-License-Identifier: Apache-2.0
"""Configuration as data: the commented defaults that ship, and nothing that runs."""
