# SPDX-License-Identifier: Apache-2.0
"""How often a password may be tried: slower and slower for whoever fails, never shut for the owner.

Failures are counted for a name together with a browser. A browser in which somebody signed in
before carries a signed cookie for that name and has a count of its own, so a pupil who types the
head's name elsewhere slows down strangers and not the head. Nobody is ever locked out: the longest
wait is five minutes, and a passkey is never slowed down, because there is nothing to guess.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from django.core import signing
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from service.office.accounts.models import Tries
from service.office.house import now

COOKIE: Final = "photowarden_known"
_SALT: Final = "photowarden.known-browser"
_FREE: Final = 4
_LONGEST: Final = timedelta(minutes=5)
_FORGOTTEN: Final = timedelta(hours=12)
_COOKIE_DAYS: Final = 180


def wait_before(request: HttpRequest, username: str) -> timedelta:
    """Return how long whoever asks must wait before this name may be tried from this browser."""
    tries = Tries.objects.filter(key=_key(request, username)).first()
    if tries is None or tries.failures <= _FREE:
        return timedelta(0)
    pause = min(timedelta(seconds=2 ** (tries.failures - _FREE + 1)), _LONGEST)
    return max(tries.last_at + pause - now().at, timedelta(0))


def failed(request: HttpRequest, username: str) -> None:
    """Count a failure."""
    at = now().at
    Tries.objects.filter(last_at__lt=at - _FORGOTTEN).delete()
    tries, made = Tries.objects.get_or_create(
        key=_key(request, username), defaults={"failures": 1, "last_at": at}
    )
    if not made:
        Tries.objects.filter(key=tries.key).update(failures=F("failures") + 1, last_at=at)


def succeeded(request: HttpRequest, username: str) -> None:
    """Forget the failures of this name in this browser."""
    Tries.objects.filter(key=_key(request, username)).delete()


def remember_browser(request: HttpRequest, response: HttpResponse, username: str) -> None:
    """Let this browser carry that this name signed in here."""
    names = {*_known(request), _digest(username)}
    response.set_cookie(
        COOKIE,
        signing.dumps(sorted(names), salt=_SALT),
        max_age=_COOKIE_DAYS * 24 * 3600,
        httponly=True,
        samesite="Strict",
    )


def _known(request: HttpRequest) -> list[str]:
    try:
        names = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_COOKIE_DAYS * 24 * 3600
        )
    except signing.BadSignature:
        return []
    return [str(name) for name in names]


def _key(request: HttpRequest, username: str) -> str:
    name = _digest(username)
    browser = request.COOKIES[COOKIE] if name in _known(request) else "a stranger"
    return hashlib.sha256(f"{name}/{browser}".encode()).hexdigest()


def _digest(username: str) -> str:
    return hashlib.sha256(username.strip().casefold().encode()).hexdigest()[:32]


def said(wait: timedelta, at: datetime) -> str:
    """Return a sentence that says until when to wait."""
    return f"Too many tries. Wait until {at + wait:%H:%M:%S} and try again."
