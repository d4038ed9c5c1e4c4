# SPDX-License-Identifier: Apache-2.0
"""Hand facts in for somebody, and tell them what came of it: sentences, never a name.

What was handed in is durable before anything is told. The last act of a session can be taken back
as one, also where it was one answer for many pictures; every picture has a statement of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest

from agent.core.case import Record
from agent.core.concerns import Verdict
from agent.core.desk import Act, Settled
from agent.core.model import CaseId
from agent.core.who import Role
from agent.handing_in import HandedIn, hand_in
from service.office.act_page import actor
from service.office.house import house
from service.office.library.cases import record_of
from service.office.library.index import catch_up
from service.office.library.sentences import reason_for
from service.office.middleware import roles_of
from service.office.who import who_of

SAYS: Final = frozenset({Role.OFFICE, Role.HEAD, Role.SAFEGUARDING_LEAD, Role.TEACHER})
"""In what roles somebody says who is in a picture: never as chair of governors."""
_TOLD: Final = "review.told"
_REFUSED: Final = {
    Settled.FROZEN: "It is frozen: nothing is taken in about it.",
    Settled.UNKNOWN_CASE: "This computer does not know the picture.",
    Settled.UNKNOWN_PERSON: "The register that counts at this computer does not hold one of these "
    "people yet. It is published within a minute; say it again then.",
    Settled.NO_SITTING: "The picture is in no sitting of a class that they belong to. "
    "Say who is in it instead.",
}
_WAITS: Final = {
    "site.locked": "Noted. The agent at this computer is told and decides in a moment.",
    "vault.unavailable": "Noted. It counts when the storage can be reached again.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of the last act: a sentence, the picture, and whether it can be taken back."""

    sentence: str
    case: str = ""
    can_undo: bool = False


def say(request: HttpRequest, acts: Iterable[Act]) -> list[HandedIn]:
    """Hand acts in for whoever asks, each durably, and bring the index up to date.

    Raises:
        AgentError: nothing more was handed in; what came before counts.
    """
    site, who = house().site(), who_of(actor(request), roles_of(request), SAYS)
    handed_in = [hand_in(site, act, who) for act in acts]
    catch_up()
    return handed_in


def tell(request: HttpRequest, handed_in: Sequence[HandedIn], *, undone: bool = False) -> None:
    """Note for the next page what came of acts; of none, that something newer stands."""
    taken = [one for one in handed_in if one.settled is None or one.settled.was_taken_in]
    request.session[_TOLD] = {
        "sentence": sentence(request, handed_in),
        "case": str(getattr(handed_in[0].item.act, "case", "")) if len(handed_in) == 1 else "",
        "undo": []
        if undone
        else [[str(getattr(one.item.act, "case", "")), one.item.id] for one in taken],
    }


def told(request: HttpRequest) -> Told | None:
    """Return what came of the last act, once; its undo stays until the next act."""
    noted = request.session.get(_TOLD)
    if noted is None or not noted["sentence"]:
        return None
    request.session[_TOLD] = {**noted, "sentence": ""}
    return Told(sentence=noted["sentence"], case=noted["case"], can_undo=bool(noted["undo"]))


def last_act(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what the last act of this session said: pairs of case and statement."""
    noted = request.session.get(_TOLD) or {"undo": []}
    return [(case, statement) for case, statement in noted["undo"]]


def sentence(request: HttpRequest, handed_in: Sequence[HandedIn]) -> str:
    """Return what came of acts, in words for whoever asks."""
    if not handed_in:
        return "Nothing was taken back: something newer has been said since. See the history."
    refused = [one.settled for one in handed_in if one.settled and not one.settled.was_taken_in]
    if refused:
        return _REFUSED.get(refused[0], "The agent did not take it in. Look at the picture again.")
    waits = [one for one in handed_in if one.settled is None]
    if waits:
        return _WAITS.get(waits[0].waits_for, "Noted. It waits for the agent.")
    if len(handed_in) > 1:
        return _of_many(handed_in)
    return _of_one(request, handed_in[0])


def _of_one(request: HttpRequest, handed_in: HandedIn) -> str:
    case = CaseId(str(getattr(handed_in.item.act, "case", "")))
    record = record_of(case)
    others = len([after for _, after in handed_in.changes if after.case != case])
    changed = any(after.case == case for _, after in handed_in.changes)
    what = "Decided again" if changed else "Noted; nothing changes"
    now = "it is kept." if is_kept(record) else f"it is held. {_reason(request, record)}"
    more = f" {_pictures(others)} decided otherwise with it." if others else ""
    return f"{what}: {now}{more}"


def _of_many(handed_in: Sequence[HandedIn]) -> str:
    records = [record_of(CaseId(str(getattr(one.item.act, "case", "")))) for one in handed_in]
    kept = len({record.case for record in records if is_kept(record)})
    total = len({record.case for record in records})
    return f"Said of {_pictures(total)}: {kept} kept now, {total - kept} held."


def _reason(request: HttpRequest, record: Record) -> str:
    return reason_for(roles_of(request), record.ruling.concerns)


def is_kept(record: Record) -> bool:
    """Tell whether a picture is kept at this moment."""
    return record.ruling.verdict is Verdict.KEEP


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"
