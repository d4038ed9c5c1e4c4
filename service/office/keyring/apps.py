# SPDX-License-Identifier: Apache-2.0
"""The keyring part of the console, as Django knows it."""

from django.apps import AppConfig


class Keyring(AppConfig):
    """Who can open sealed pictures."""

    name = "service.office.keyring"
    label = "keyring"

    def ready(self) -> None:
        """Listen to what takes a key away."""
        from service.office.keyring import losing  # noqa: F401, PLC0415 - once apps are loaded
