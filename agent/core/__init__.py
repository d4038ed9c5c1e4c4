# SPDX-License-Identifier: Apache-2.0
"""The rules: pure functions over plain values; no I/O, clock, randomness or third-party package."""
