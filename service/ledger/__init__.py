# SPDX-License-Identifier: Apache-2.0
"""Check a ledger and its fingerprint, here and on anybody's own computer."""
