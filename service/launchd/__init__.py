# SPDX-License-Identifier: Apache-2.0
"""The service on macOS: a launchd daemon under an account of its own."""
