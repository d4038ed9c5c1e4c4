# SPDX-License-Identifier: Apache-2.0
"""What takes a key away without anybody asking for it: sessions, passwords, roles, accounts.

Heard within the change itself, so that nothing is opened between the change and its end.
"""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from service.office.accounts.models import User
from service.office.accounts.rights import CHANGED
from service.office.house import now
from service.office.keyring import holding
from service.office.keyring.acts import RemoveAccess, may_hold
from service.office.keyring.models import KeyWrap


@receiver(user_logged_out)
def signed_out(request: HttpRequest, **_: Any) -> None:  # noqa: ANN401 - a signal
    """Drop the key of a session that ends, by the person or by time."""
    if request.session.session_key:
        holding.drop(session=request.session.session_key)


@receiver(user_logged_in)
@receiver([password_changed, password_set, password_reset])
def signed_in_anew(user: User, **_: Any) -> None:  # noqa: ANN401 - a signal
    """Drop every key of somebody who signs in elsewhere or has another password."""
    holding.drop(account=str(user.pk))


@receiver(CHANGED)
def rights_changed(account: User, **_: Any) -> None:  # noqa: ANN401 - a signal
    """Drop somebody's keys, and take away access that no role of theirs needs any more."""
    holding.drop(account=str(account.pk))
    _take_away_unneeded(account)


def tidy() -> None:
    """Take access away from everybody whose role has ended by its date; drop keys that are over.

    What another process changed, such as an emergency log-in, is noticed here within a minute.
    """
    holding.sweep()
    holding.drop_what_ended()
    for user in User.objects.filter(pk__in=KeyWrap.objects.values("holder")):
        _take_away_unneeded(user)


def _take_away_unneeded(account: User) -> None:
    if not may_hold(account, now()):
        why = "role" if account.is_active else "closed"
        RemoveAccess(by=None, account=account, why=why).do()
