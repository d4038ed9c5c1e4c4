# SPDX-License-Identifier: Apache-2.0
"""The governors' reports: read, make, approve, and check a fingerprint from a paper."""
