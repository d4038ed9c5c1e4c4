# SPDX-License-Identifier: Apache-2.0
"""Sealing: age files, signed notes and keys; knows bytes, knows no school."""
