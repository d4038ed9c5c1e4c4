# SPDX-License-Identifier: Apache-2.0
"""The consent register: people, guardians, answers, groups, devices, purposes."""
