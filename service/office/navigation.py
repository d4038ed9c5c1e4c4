# SPDX-License-Identifier: Apache-2.0
"""The frame of every page: which parts of the console somebody sees, and until when they may stay.

An item that is not somebody's is absent, not grey.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from service.office.house import house
from service.office.keyring.holding import MAY_HOLD, peek
from service.office.middleware import HOW_OUT, has_proven_enough, roles_of
from service.office.policy import ROUTES


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the console: its word, its first route, and the routes that belong to it."""

    word: str
    route: str
    routes: tuple[str, ...]
    """How the names of its routes begin."""


PARTS: Final = (
    Part("Today", "today", ("today",)),
    Part("Held pictures", "review:queue", ("review:",)),
    Part("Library", "library:pictures", ("library:",)),
    Part("Children", "register:children", ("register:person", "register:children")),
    Part("Answers", "register:answers", ("register:answers",)),
    Part("Classes", "register:groups", ("register:group", "register:card")),
    Part("Import", "imports:list", ("imports:",)),
    Part("Devices", "register:devices", ("register:device",)),
    Part("Purposes", "register:purposes", ("register:purpose",)),
    Part("People", "accounts:people", ("accounts:",)),
    Part("Frozen", "safeguarding:frozen", ("safeguarding:frozen", "safeguarding:release")),
    Part("Erasures", "safeguarding:proposals", ("safeguarding:proposals", "safeguarding:erase")),
    Part("Computers", "register:computers", ("register:computers",)),
    Part("Reports", "reports:list", ("reports:",)),
)


def _key_state(request: HttpRequest) -> dict[str, Any] | None:
    """Return how the key of pictures is, for whom may have one: until when it is unlocked."""
    if not roles_of(request) & MAY_HOLD or not has_proven_enough(request):
        return None
    key = peek(request)
    if key is None:
        return {"unlocked": False}
    return {
        "unlocked": True,
        "seconds": int(key.seconds_left),
        "most_seconds": int(key.most_seconds_left),
        "idle_seconds": house().settings.unlock_minutes * 60,
        "minutes": max(1, round(key.seconds_left / 60)),
    }


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return what the base template needs of every request."""
    match = getattr(request, "resolver_match", None)
    here = match.view_name if match else ""
    roles = roles_of(request)
    limits = house().settings
    return {
        "parts": [
            {
                "word": part.word,
                "address": reverse(part.route),
                "here": here.startswith(part.routes),
            }
            for part in PARTS
            if ROUTES[part.route].admits(roles)
        ],
        "roles": roles,
        "needs_second": bool(roles) and not has_proven_enough(request),
        "idle_seconds": limits.idle_minutes * 60,
        "key": _key_state(request),
        "how_out": request.session.get(HOW_OUT) if hasattr(request, "session") else None,
    }
