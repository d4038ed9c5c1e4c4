# SPDX-License-Identifier: Apache-2.0
"""The service on Linux: a systemd unit that takes from the agent whatever it does not need."""
