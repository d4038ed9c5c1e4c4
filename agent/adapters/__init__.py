# SPDX-License-Identifier: Apache-2.0
"""Adapters: one port each, real files, databases and clocks; they do not know one another."""
