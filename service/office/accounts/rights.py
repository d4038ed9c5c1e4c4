# SPDX-License-Identifier: Apache-2.0
"""The signal that somebody's rights or log-in changed: sent within the act, before it is committed.

A part that holds something for an account lets go of it when it hears this.
"""

from typing import Final

from django.dispatch import Signal

CHANGED: Final = Signal()
"""Sent with `account`, the `User`."""
