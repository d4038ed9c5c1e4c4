# SPDX-License-Identifier: Apache-2.0
"""What happens to every request before and after its view: headers, sessions, the gate.

Order (`settings.MIDDLEWARE`): headers outermost, so that refusals carry them too; then who is
signed in and for how long; then whether this route is theirs.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import DisallowedHost, PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponsePermanentRedirect,
)
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from service.office.accounts.models import User
from service.office.house import house, now
from service.office.policy import ROUTES
from service.office.roles import SECOND_FACTOR_NEEDED, Role

GetResponse = Callable[[HttpRequest], HttpResponse]

STAMP: Final = "stamp"
STARTED: Final = "started"
SEEN: Final = "seen"
SECOND: Final = "second_factor"
HOW_OUT: Final = "how_out"
_ROLES: Final = "photowarden.roles"
_SEEN_EVERY: Final = timedelta(minutes=1)
_OFF: Final = (
    "accelerometer=(), camera=(), clipboard-read=(), display-capture=(), geolocation=(), "
    "gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
)
HEADERS: Final = {
    "Cache-Control": "no-store, private",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": _OFF,
}


def headers(get_response: GetResponse) -> GetResponse:
    """Set what a browser may do with an answer: never keep it, never share it.

    Style sheets and scripts of our own hold nobody's name and may be kept.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        host = request.META.get("HTTP_HOST", "")
        if host.partition(":")[0] == "127.0.0.1":
            there = f"http://localhost:{host.partition(':')[2]}{request.get_full_path()}"
            return HttpResponsePermanentRedirect(there)
        try:
            request.get_host()  # nobody leads a name of theirs to this computer
        except DisallowedHost:
            return HttpResponseBadRequest("This console answers at http://localhost only.")
        response = get_response(request)
        if not request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            response.headers["Cache-Control"] = HEADERS["Cache-Control"]
        return response

    return answer


class Sessions:
    """End a session that is idle, too long, closed, or was overtaken by a newer one."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Sign out whoever may not go on, and give the request its roles."""
        request.META[_ROLES] = frozenset()
        user = request.user
        if isinstance(user, User):
            how = self._why_over(request, user)
            if how is not None:
                logout(request)
                request.session[HOW_OUT] = how
            else:
                self._touch(request)
                request.META[_ROLES] = user.roles_on(now().today)
        return self._get_response(request)

    def _why_over(self, request: HttpRequest, user: User) -> str | None:
        session, at = request.session, datetime.now(tz=UTC)  # noqa: TID251 - not the school's day
        started, seen = _time(session.get(STARTED)), _time(session.get(SEEN))
        limits = house().settings
        if not user.is_active or session.get(STAMP) != user.session_stamp:
            return "elsewhere"
        if started is None or at - started > timedelta(hours=limits.session_hours):
            return "limit"
        if seen is None or at - seen > timedelta(minutes=limits.idle_minutes):
            return "idle"
        return None

    def _touch(self, request: HttpRequest) -> None:
        """Note that the person is there, at most once a minute: each note is a write."""
        at = datetime.now(tz=UTC)  # noqa: TID251 - the session's own time
        seen = _time(request.session.get(SEEN))
        if seen is None or at - seen > _SEEN_EVERY:
            request.session[SEEN] = at.isoformat()


class Gate:
    """Let through only whom the policy table admits to this route; without a rule, nobody."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on; the decision needs the route and comes with the view."""
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Decide on the route.

        Raises:
            PermissionDenied: the route has no rule, or the person has none of its roles.
        """
        route = request.resolver_match.view_name if request.resolver_match else ""
        rule = ROUTES.get(route)
        if rule is None:
            raise PermissionDenied("this route has no rule")
        if rule.public:
            return None
        if not request.user.is_authenticated:
            if not User.objects.exists():
                return redirect("setup:start")
            back = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
            return redirect(f"{reverse('account_login')}?{back}".rstrip("?"))
        if not rule.admits(roles_of(request)):
            raise PermissionDenied("none of the person's roles may use this route")
        if not (rule.before_second_factor or has_proven_enough(request)):
            return redirect("mfa_index")
        return None


def roles_of(request: HttpRequest) -> frozenset[Role]:
    """Return the roles that the signed-in person has today."""
    roles: frozenset[Role] = request.META.get(_ROLES, frozenset())
    return roles


def has_proven_enough(request: HttpRequest) -> bool:
    """Tell whether this session has the second factor that one of the person's roles needs."""
    needed = bool(SECOND_FACTOR_NEEDED & roles_of(request))
    return not needed or request.session.get(SECOND) is True


def _time(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
