# SPDX-License-Identifier: Apache-2.0
"""The unlocked keys of this process: held in memory, for one session each, for minutes of use.

    key = key_of(request)            None while locked; counts as a use
    facts = facts_of(key, record)    `service.office.pictures.facts`

Never in the session store, a cache, a log or another process: the table is a dictionary by the
digest of the session's key. A key goes after `unlock_minutes` without use, `unlock_most_minutes` in
any case, and at once when it is locked, when the session ends, when the person loses the role, the
access, the account or changes password or passphrase, and when the server stops. Each use asks the
tables once more, so what another process took away counts at once too.
"""

import functools
import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Concatenate, Final, ParamSpec
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from agent.core.errors import UnavailableError
from agent.seal import identity_file
from agent.seal.header import Stanza
from agent.seal.keys import Identity
from service.office.accounts.models import User
from service.office.house import house
from service.office.keyring.models import KeyWrap
from service.office.keyring.shelf import Shelf
from service.office.keyring.wrapping import overwrite
from service.office.middleware import roles_of
from service.office.policy import HOLDS_KEY
from service.office.roles import Role

MAY_HOLD: Final = HOLDS_KEY.roles
"""Whose work needs pictures; governors and technicians never need one."""
SHELF: Final = Shelf()
MOST_OPENINGS: Final = 600
"""Pictures that one key opens in a minute: far beyond a person at work, far below a copying."""
_MINUTE: Final = 60.0
_NUMBERS: Final = count(1)

Given = ParamSpec("Given")
View = Callable[Concatenate[HttpRequest, Given], HttpResponse]


class Locked(UnavailableError):  # noqa: N818 - a state, as `Refused` is
    """The key was dropped meanwhile: unlock again."""

    def __init__(self) -> None:
        super().__init__(
            "the pictures are locked",
            code="key.locked",
            remedy="Unlock them with your passphrase and do it again.",
        )


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment on both clocks: the one that only runs, and the one that goes on while asleep."""

    at: datetime
    monotonic: float

    @classmethod
    def now(cls) -> "Instant":
        """Return the present one."""
        clock = house().clock
        return cls(clock.now().at, clock.monotonic())

    def since(self, earlier: "Instant") -> float:
        """Return the seconds from an earlier instant: the longer of both; endless if one ran back.

        A clock of which seconds were lost or that was set back cannot tell how long it was.
        """
        passed = self.monotonic - earlier.monotonic
        shown = (self.at - earlier.at).total_seconds()
        return float("inf") if passed < 0 or shown < -1 else max(passed, shown)


class Held(Identity):
    """All office identities of an open key as one, for `agent.opening`; it says no once dropped."""

    def __init__(self, texts: Iterable[bytearray]) -> None:
        self._texts = tuple(texts)
        self._lock = threading.Lock()
        self._dropped = False

    def __repr__(self) -> str:
        """Return a text without a secret."""
        return "Held(secrets hidden)"

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None where the stanza is for someone else.

        Raises:
            HeaderInvalid: the stanza breaks the rules of its type.
            Locked: the key was dropped.
        """
        for text in self.texts():
            file_key = identity_file.parse(text.decode("ascii")).unwrap(stanza)
            if file_key is not None:
                return file_key
        return None

    def texts(self) -> list[bytes]:
        """Return the identities' texts, to give them to a colleague.

        Raises:
            Locked: the key was dropped.
        """
        with self._lock:
            if self._dropped:
                raise Locked
            return [bytes(text) for text in self._texts]

    def drop(self) -> None:
        """Overwrite everything."""
        with self._lock:
            self._dropped = True
            for text in self._texts:
                overwrite(text)

    @property
    def is_dropped(self) -> bool:
        """Whether it was dropped."""
        return self._dropped


class OpenKey:
    """One person's unlocked key, in one session."""

    def __init__(self, user: User, wraps: Iterable[str], texts: Iterable[bytearray]) -> None:
        self.account: Final = str(user.pk)
        self.number: Final = next(_NUMBERS)
        self.identities: Final = Held(texts)
        self._bound: Final = _bound(user)
        self._wraps: Final = frozenset(wraps)
        self._opened = self._used = Instant.now()
        self._openings: deque[float] = deque()

    def __repr__(self) -> str:
        """Return a text without a secret."""
        return f"OpenKey({self.account}, secrets hidden)"

    @property
    def is_open(self) -> bool:
        """Whether it was not dropped yet."""
        return not self.identities.is_dropped

    @property
    def seconds_left(self) -> float:
        """How long it lives without another use."""
        used = self._used  # before the clock is read: another request may use it in between
        idle = house().settings.unlock_minutes * _MINUTE - Instant.now().since(used)
        return min(idle, self.most_seconds_left)

    @property
    def most_seconds_left(self) -> float:
        """How long it lives in any case."""
        most = house().settings.unlock_most_minutes * _MINUTE
        return most - Instant.now().since(self._opened)

    def use(self) -> None:
        """Note that it was used."""
        self._used = Instant.now()

    def is_theirs(self, user: User, roles: frozenset[Role]) -> bool:
        """Tell whether account, log-in, role and access are those for which it was unlocked."""
        if user.pk != self.account or not user.is_active or not roles & MAY_HOLD:
            return False
        if _bound(user) != self._bound:
            return False
        wraps = KeyWrap.objects.filter(holder=self.account).values_list("id", flat=True)
        return self._wraps <= set(wraps)

    def count_opening(self) -> bool:
        """Count a picture, and tell whether it is not one too many within a minute."""
        at = house().clock.monotonic()
        while self._openings and at - self._openings[0] > _MINUTE:
            self._openings.popleft()
        if len(self._openings) >= MOST_OPENINGS:
            return False
        self._openings.append(at)
        return True

    def drop(self) -> None:
        """Overwrite the secrets and everything that was opened with them."""
        self.identities.drop()
        SHELF.forget(self.number)


_LOCK: Final = threading.RLock()
_KEYS: Final[dict[str, OpenKey]] = {}
_TIMERS: Final[list[threading.Timer]] = []


def hold(request: HttpRequest, key: OpenKey) -> None:
    """Hold a key for this session, in place of one that is there."""
    place = _place(request.session.session_key)
    with _LOCK:
        if place in _KEYS:
            _KEYS.pop(place).drop()
        _KEYS[place] = key
    sweep()


def key_of(request: HttpRequest) -> OpenKey | None:
    """Return this session's unlocked key and count that as a use; None while it is locked."""
    key = peek(request)
    if key is not None:
        key.use()
    return key


def peek(request: HttpRequest) -> OpenKey | None:
    """Return this session's unlocked key without counting a use; drop one that is over."""
    place = _place(request.session.session_key)
    with _LOCK:
        key = _KEYS.get(place)
    if key is None:
        return None
    user = request.user
    theirs = isinstance(user, User) and key.is_theirs(user, roles_of(request))
    if theirs and key.is_open and key.seconds_left > 0:
        return key
    _remove(place, key)
    return None


def drop(*, session: str | None = None, account: str | None = None) -> None:
    """Drop the key of a session, or all keys of an account."""
    with _LOCK:
        places = [
            place
            for place, key in _KEYS.items()
            if (session is not None and place == _place(session)) or key.account == account
        ]
        for place in places:
            _KEYS.pop(place).drop()


def drop_all() -> None:
    """Drop every key: the server stops."""
    with _LOCK:
        while _KEYS:
            _KEYS.popitem()[1].drop()


def sweep() -> None:
    """Drop every key whose time is over, though nobody asks for it."""
    with _LOCK:
        for place, key in list(_KEYS.items()):
            if key.seconds_left <= 0:
                _remove(place, key)
        lives = [key.seconds_left for key in _KEYS.values()]
    if lives:
        _sweep_later(min(lives))


def drop_what_ended() -> None:
    """Drop every key whose person, log-in, role or access is not what it was any more."""
    with _LOCK:
        kept = list(_KEYS.items())
    today = house().clock.now().today
    for place, key in kept:
        user = User.objects.filter(pk=key.account).first()
        if user is None or not key.is_theirs(user, user.roles_on(today)):
            _remove(place, key)


def needs_key(view: View[Given]) -> View[Given]:
    """Let a view run only while the session's key is unlocked; otherwise lead to unlocking.

    A form that comes too late is not done; whoever sent it is told so.
    """

    @functools.wraps(view)
    def guarded(request: HttpRequest, /, *args: Given.args, **named: Given.kwargs) -> HttpResponse:
        if key_of(request) is not None:
            return view(request, *args, **named)
        back = request.get_full_path()
        if request.method == "POST":
            back = _page_before(request)
            messages.warning(
                request,
                "The pictures were locked meanwhile, so nothing was saved. Unlock and do it again.",
            )
        return redirect(f"{reverse('keyring:unlock')}?{urlencode({'next': back})}")

    return guarded


def safe_address(request: HttpRequest, untrusted_address: str) -> str:
    """Return an address of this console; today's page for any other."""
    if url_has_allowed_host_and_scheme(untrusted_address, {request.get_host()}):
        return untrusted_address
    return reverse("today")


def _page_before(request: HttpRequest) -> str:
    untrusted = urlsplit(safe_address(request, request.headers.get("referer", "")))
    return f"{untrusted.path}?{untrusted.query}" if untrusted.query else untrusted.path


def _remove(place: str, key: OpenKey) -> None:
    with _LOCK:
        if _KEYS.get(place) is key:
            del _KEYS[place]
    key.drop()


def _place(session: str | None) -> str:
    return hashlib.sha256((session or "").encode()).hexdigest()


def _bound(user: User) -> tuple[str, Any]:
    """Return what a key dies with: the one session that counts, and the password."""
    return user.session_stamp, user.get_session_auth_hash()


def _sweep_later(seconds: float) -> None:
    """Have one timer wait for the next key whose time will be over."""
    timer = threading.Timer(max(1.0, min(seconds, _MINUTE * 60)), sweep)
    timer.daemon = True
    with _LOCK:
        while _TIMERS:
            _TIMERS.pop().cancel()
        _TIMERS.append(timer)
    timer.start()
