# SPDX-License-Identifier: Apache-2.0
"""People who sign in, their roles, and how they come back in without e-mail."""
