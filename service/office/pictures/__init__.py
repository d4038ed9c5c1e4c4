# SPDX-License-Identifier: Apache-2.0
"""Sealed pictures as somebody with an unlocked key sees them: small, in memory, never on a disk."""
