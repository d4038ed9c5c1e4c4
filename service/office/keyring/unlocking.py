# SPDX-License-Identifier: Apache-2.0
"""Try a passphrase: one at a time, slower after failures, each failure recorded.

The count is one account's own and can be raised by nobody who is not signed in as that person, so
nobody locks a colleague out; the longest wait is five minutes, as at the log-in.
"""

import threading
from collections.abc import Callable
from typing import Final, TypeVar

from django.http import HttpRequest
from django.utils import timezone

from agent.core.ledger import EntryKind
from service.office.accounts import tries
from service.office.accounts.models import User
from service.office.acts import Refused
from service.office.house import DUE, now
from service.office.keyring import holding, wrapping
from service.office.keyring.acts import OpenFirst, Unlock
from service.office.keyring.models import KeyWrap, ReviewerKey
from service.office.record.models import record

T = TypeVar("T")

_ONE_AT_A_TIME: Final = threading.Lock()
"""A try takes 64 MiB and a third of a second, and is counted before the next one begins."""


def unlock(request: HttpRequest, user: User, passphrase: str) -> holding.OpenKey:
    """Unlock the pictures for this session.

    Raises:
        Refused: the passphrase is another one, it is tried too soon, or there is no access.
    """
    with wrapping.fleeting(proven(request, user, passphrase)) as seed:
        wraps = list(KeyWrap.objects.filter(holder=user.pk))
        texts = {
            wrap.id: wrapping.unwrap_identity(bytes(wrap.sealed), seed, wrap.office_key)
            for wrap in wraps
        }
    usable = {wrap: text for wrap, text in texts.items() if text is not None}
    if not usable:
        raise Refused("You have no access to sealed pictures yet. Ask a colleague who has.")
    Unlock(by=user).do()
    key = holding.OpenKey(user, usable, usable.values())
    holding.hold(request, key)
    return key


def proven(request: HttpRequest, user: User, passphrase: str) -> bytearray:
    """Return the seed of somebody's own key, for the right passphrase.

    Raises:
        Refused: it is another one, or is tried too soon after a failure.
    """
    kept = ReviewerKey.objects.filter(user=user).first()
    if kept is None:
        raise Refused("You have not chosen a passphrase yet.")
    wrapped = kept.wrapped

    def attempt() -> bytearray:
        seed = wrapping.unwrap_seed(wrapped, passphrase, str(user.pk))
        if seed is None:
            raise Refused("This is not your passphrase. It is not the password of your log-in.")
        return seed

    return _tried(request, user, attempt)


def open_first(request: HttpRequest, user: User, passphrase: str) -> None:
    """Open the office's key file for its first holder.

    Raises:
        Refused: the passphrase is another one, or is tried too soon after a failure.
    """
    if not ReviewerKey.objects.filter(user=user).exists():
        raise Refused("Choose a passphrase of your own first.")
    _tried(request, user, OpenFirst(by=user, passphrase=passphrase).do)


def _tried(request: HttpRequest, user: User, attempt: Callable[[], T]) -> T:
    """Make one try, unless it comes too soon; count and record a failure.

    Raises:
        Refused: what the try raises, or that one has to wait.
    """
    name = f"key/{user.pk}"
    with _ONE_AT_A_TIME:
        wait = tries.wait_before(request, name)
        if wait:
            raise Refused(tries.said(wait, timezone.localtime(now().at)))
        try:
            found = attempt()
        except Refused:
            tries.failed(request, name)
            record(EntryKind.KEY_REFUSED, now().at, user, {"account": user.id})
            DUE.set()
            raise
    tries.succeeded(request, name)
    return found
