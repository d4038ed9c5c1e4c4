# SPDX-License-Identifier: Apache-2.0
"""Measure side by side: what we do, and what a person would use instead, in one run."""
