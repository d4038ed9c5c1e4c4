# SPDX-License-Identifier: Apache-2.0
"""The accounts part of the console, as Django knows it."""

from django.apps import AppConfig


class Accounts(AppConfig):
    """People who sign in."""

    name = "service.office.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Listen to log-ins."""
        from service.office.accounts import signals  # noqa: F401, PLC0415 - once apps are loaded
