# SPDX-License-Identifier: Apache-2.0
"""The agent: from a watched import folder to sealed, verified school storage."""
