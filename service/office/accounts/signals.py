# SPDX-License-Identifier: Apache-2.0
"""What happens when somebody signs in or changes a second factor: a stamp, and an event."""

from typing import Any

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from agent.core.ledger import EntryKind
from agent.site import new_id
from service.office.accounts.models import User
from service.office.house import DUE, now
from service.office.middleware import SECOND, SEEN, STAMP, STARTED
from service.office.record.models import record

_FACTORS = {"totp": "totp", "webauthn": "passkey", "recovery_codes": "recovery_code"}


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: User, **_: Any) -> None:  # noqa: ANN401 - a signal
    """Let this session be the only one of its person, and record how they proved themselves."""
    user.session_stamp = new_id()
    user.save(update_fields=["session_stamp"])
    at = timezone.now().isoformat()
    request.session[STAMP] = user.session_stamp
    request.session[STARTED] = request.session[SEEN] = at
    proofs = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    factors = sorted({_factor(proof) for proof in proofs})
    request.session[SECOND] = bool(set(factors) - {"password"})
    body = {"account": user.id, "factors": factors}
    record(EntryKind.ACCOUNT_SIGNED_IN, now().at, user, body)
    DUE.set()


@receiver(authenticator_added)
def added(request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:  # noqa: ANN401 - a signal
    """Record that somebody has a further proof, which this session has just seen."""
    request.session[SECOND] = True
    _changed(user, str(authenticator.type), "added")


@receiver(authenticator_removed)
def removed(user: User, authenticator: Any, **_: Any) -> None:  # noqa: ANN401 - a signal
    """Record that somebody has one proof less."""
    _changed(user, str(authenticator.type), "removed")


def _changed(user: User, kind: str, change: str) -> None:
    body = {"account": user.id, "factor": _FACTORS[kind], "change": change}
    record(EntryKind.ACCOUNT_FACTOR_CHANGED, now().at, user, body)
    DUE.set()


def _factor(proof: dict[str, Any]) -> str:
    if proof.get("method") == "mfa":
        return _FACTORS.get(str(proof.get("type")), "password")
    return "password"
