# SPDX-License-Identifier: Apache-2.0
"""Template tags and filters of the console."""
