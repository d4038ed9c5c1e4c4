# SPDX-License-Identifier: Apache-2.0
"""Which case somebody means: the one just looked at, or the one whose number they type."""

import re
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from agent import bootstrap, elsewhere
from agent.core.entry_shapes import OPAQUE
from agent.core.model import CaseId
from service.office.acts import Refused
from service.office.house import house

LOOKED_AT: Final = frozenset({"review:picture"})
"""The pages of one picture, by the names of their routes."""
_LATEST: Final = "looked_at"
_SHORTEST: Final = 6


class Looking:
    """Remember in the session which picture's page somebody opened last, by its opaque id.

    So that they can stop it from anywhere without looking again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on; the route comes with the view."""
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, kwargs: dict[str, object]
    ) -> None:
        """Note the case of a picture's page; one write a page, none of anything else."""
        route = request.resolver_match.view_name if request.resolver_match else ""
        case = kwargs.get("case")
        if route in LOOKED_AT and isinstance(case, str) and OPAQUE.fullmatch(case):
            request.session[_LATEST] = case


def looked_at(request: HttpRequest) -> CaseId | None:
    """Return the case whose page this person opened last since they signed in."""
    case = request.session.get(_LATEST)
    return CaseId(case) if isinstance(case, str) else None


def typed_case(untrusted_text: str) -> CaseId:
    """Return the case whose number somebody typed, whole or its beginning.

    Raises:
        Refused: no picture here has it, or more than one.
    """
    text = re.sub(r"[^a-z2-7]", "", untrusted_text.lower())
    found = _beginning_with(text) if len(text) >= _SHORTEST else []
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused("Several pictures begin so. Type more of the number.")
    raise Refused("No picture has this number. Tell the safeguarding lead where you saw it.")


def _beginning_with(text: str) -> list[CaseId]:
    if not house().has_site:
        return []
    site = house().site()
    with bootstrap.open_journal(site) as journal:
        whole = journal.find(CaseId(text))
        if whole is not None:
            return [whole.case]
        here = [record.case for record in journal.all() if record.case.startswith(text)]
    return [*here, *(one.case for one in elsewhere.beginning(site, text))]
