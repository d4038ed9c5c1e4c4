# SPDX-License-Identifier: Apache-2.0
"""What was done: one event an act, copied into the office's own ledger."""
