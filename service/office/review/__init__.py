# SPDX-License-Identifier: Apache-2.0
"""The held queue and the review of one picture: people add facts, the same rules decide again."""
