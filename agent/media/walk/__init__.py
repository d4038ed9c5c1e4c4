# SPDX-License-Identifier: Apache-2.0
"""Walkers: one module a family of containers; each keeps named parts only and drops the rest."""
