# SPDX-License-Identifier: Apache-2.0
"""The pictures themselves: preview, thumbnail, one face. Each asks right, key, rate and freeze.

Whoever may not look gets the answer of a picture that is not there. What cannot be shown is an
image that says why, so that a page stays whole.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import escape
from django.views.decorators.http import require_safe

from agent.core.errors import AgentError, ConfigurationError, IntegrityError
from service.office.act_page import actor
from service.office.keyring.holding import Locked, OpenKey, key_of
from service.office.library.access import found, may_look_at
from service.office.library.cases import record_of
from service.office.library.models import IndexedCase
from service.office.library.seen import seen
from service.office.middleware import roles_of
from service.office.pictures.facts import facts_of
from service.office.pictures.previews import Form, NotShown, small

_STATUS = {
    NotShown.LOCKED: 423,
    NotShown.FROZEN: 423,
    NotShown.AWAY: 503,
    NotShown.TOO_MANY: 429,
    NotShown.NO_FACE: 404,
}
_SIGN = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480" viewBox="0 0 640 480">'
    '<rect width="640" height="480" fill="#eceff0"/><text x="320" y="245" font-size="20" '
    'text-anchor="middle" font-family="sans-serif" fill="#3b4548">{}</text></svg>'
)


@require_safe
def preview(request: HttpRequest, case: str) -> HttpResponse:
    """Show a picture at up to 1600 pixels; that it was seen is recorded first."""
    return _answer(request, case, Form.PREVIEW)


@require_safe
def thumbnail(request: HttpRequest, case: str) -> HttpResponse:
    """Show a picture at up to 320 pixels."""
    return _answer(request, case, Form.THUMBNAIL)


@require_safe
def face(request: HttpRequest, case: str, number: int) -> HttpResponse:
    """Show one face of a picture by its number, from 1, with what is around it."""
    return _answer(request, case, Form.FACE, number)


def _answer(request: HttpRequest, case: str, form: Form, number: int = 0) -> HttpResponse:
    """Answer with a picture or with why not.

    Raises:
        Http404: there is no such case, or it is not this person's to look at.
    """
    user, roles = actor(request), roles_of(request)
    one = found(user, roles, case)
    try:
        if not may_look_at(user, roles, one):
            raise Http404
        key = key_of(request)
        shown = NotShown.LOCKED if key is None else _shown(request, key, one, form, number)
    except Locked:
        shown = NotShown.LOCKED
    except ConfigurationError:
        shown = NotShown.FROZEN
    except IntegrityError:
        shown = NotShown.UNREADABLE
    except AgentError:
        shown = NotShown.AWAY
    return _response(shown)


def _shown(
    request: HttpRequest, key: OpenKey, one: IndexedCase, form: Form, number: int
) -> bytes | NotShown:
    if not key.count_opening():
        return NotShown.TOO_MANY
    record = record_of(one.pk)
    place = None
    if form is Form.FACE:
        place = _place(facts_of(key, record).get("faces"), number)
        if place is None:
            return NotShown.NO_FACE
    shown = small(key, record, form, place, number)
    if form is Form.PREVIEW and isinstance(shown, bytes):
        seen(actor(request), one)
    return shown


def _place(faces: Any, number: int) -> list[float] | None:  # noqa: ANN401 - as it was sealed
    """Return where the face of a number is: left, top, width, height as fractions."""
    if not faces or not 1 <= number <= len(faces):
        return None
    return [float(part) for part in faces[number - 1][:4]]


def _response(shown: bytes | NotShown) -> HttpResponse:
    if isinstance(shown, NotShown):
        sign = _SIGN.format(escape(shown.value))
        return HttpResponse(sign, status=_STATUS.get(shown, 200), content_type="image/svg+xml")
    headers = {"Content-Disposition": 'inline; filename="picture.jpg"'}
    return HttpResponse(shown, content_type="image/jpeg", headers=headers)
