# SPDX-License-Identifier: Apache-2.0
"""Take in what people put on the desk: record it in the ledger, let it count, decide again.

Items are taken in their order, one after the other. Every step may be repeated: an entry and a
statement have the item's own id, and deciding again what has not changed does nothing, so an item
is settled last and a power cut anywhere costs a repetition. A freeze beats everything but a freeze:
nothing else is taken in about a frozen case except its release.

What came through the vault is answered in the ledger, whose copy the office reads. Because whoever
controls the file server can hold files back, an older word from there never counts after a newer
one on the same matter, and no word but a freeze counts while this computer's clock is in doubt.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from agent.core.act_entries import (
    frozen_entry,
    released_entry,
    seen_entry,
    settled_entry,
    untrusted_entry,
)
from agent.core.attribution import NOBODY_ELSE
from agent.core.case import Erasure, Record, State
from agent.core.concerns import Verdict
from agent.core.desk import (
    Erase,
    Freeze,
    Item,
    Reconsider,
    Release,
    SayAbsent,
    SayPresent,
    Seen,
    Settled,
)
from agent.core.freezing import is_reference
from agent.core.model import CaseId, RosterId, Token
from agent.core.posted import is_ahead, is_overtaken, may_wait
from agent.core.register import NoRegister, Register
from agent.core.statements import Statement, StatementKind
from agent.core.who import Role
from agent.deciding import begin_round, sittings_of
from agent.freezing import frozen_cases, is_frozen
from agent.pipeline import advance
from agent.ports import Ports
from agent.upkeep import decided_with, reconsider, say

ERASERS: Final = frozenset({Role.OFFICE, Role.HEAD})
"""In what roles somebody may propose or confirm to erase a picture."""

Change = tuple[Record, Record]


def absorb(ports: Ports) -> Iterator[tuple[Item, Settled, Sequence[Change]]]:
    """Take in every item that waits, and yield what it came to and the cases that it changed.

    Raises:
        UnavailableError: the vault is away; the item counts, and is settled in a later round.
    """
    for item in ports.desk.waiting():
        received = ports.desk.was_received(item.id)
        if received and may_wait(item) and not ports.clock.now().trusted:
            continue
        settled, changes = _taken_in(ports, item, received=received)
        if received:
            ports.ledger.append([settled_entry(item, settled, ports.clock.now().at)])
        ports.desk.settle(item.id, settled)
        yield item, settled, changes


def note_strangers(ports: Ports) -> int:
    """Record that today something lies in the post that the office did not sign; return how much.

    One entry a day, however much of it there is: it must not fill the ledger.
    """
    found = ports.desk.strangers()
    moment = ports.clock.now()
    if found and moment.trusted:
        ports.ledger.append([untrusted_entry(moment.today)])
    return found


def _taken_in(ports: Ports, item: Item, *, received: bool) -> tuple[Settled, Sequence[Change]]:
    if received and not isinstance(item.act, Freeze):
        untimely = _untimely(ports, item)
        if untimely is not None:
            return untimely, ()
    match item.act:
        case Freeze() as freeze:
            return _freeze(ports, item, freeze, received=received)
        case Release() as release:
            return _release(ports, item, release)
        case Reconsider():
            return Settled.DONE, list(reconsider(ports))
        case act:
            return _about_a_case(ports, item, act)


def _untimely(ports: Ports, item: Item) -> Settled | None:
    """Return why something that came through the vault comes at the wrong time; None: it does not.

    The newest word of a matter counts; a matter is a case's freeze, who is in its picture, or who
    was absent from its sitting (`_say_absent`).
    """
    if is_ahead(item, ports.clock.now().at):
        return Settled.AHEAD
    others: list[tuple[str, datetime]] = []
    if isinstance(item.act, Release) and (frozen := frozen_cases(ports).get(item.act.case)):
        others = [(freeze.id, freeze.at) for freeze in frozen.freezes]
    if isinstance(item.act, SayPresent):
        others = [(said.id, said.at) for said in ports.journal.said([item.act.case])]
    if isinstance(item.act, SayAbsent):
        others = _said_of_the_sitting(ports, item.act.case)
    return Settled.OVERTAKEN if is_overtaken(item, others) else None


def _said_of_the_sitting(ports: Ports, case: CaseId) -> list[tuple[str, datetime]]:
    record = ports.journal.find(case)
    if record is None:
        return []
    sittings = sittings_of(ports, case, record.evidence, begin_round(ports))
    return [(said.id, said.at) for said in ports.journal.said(sittings.values())]


def _freeze(
    ports: Ports, item: Item, freeze: Freeze, *, received: bool
) -> tuple[Settled, Sequence[Change]]:
    """Freeze a case, also one that is not known here; the office is told that it is not."""
    ports.ledger.append([frozen_entry(item, freeze)])
    ports.journal.note_freeze(item)
    record = ports.journal.find(freeze.case)
    if record is None:
        return Settled.UNKNOWN_CASE if received else Settled.DONE, ()
    return Settled.DONE, list(reconsider(ports, decided_with(ports, record)))


def _release(ports: Ports, item: Item, release: Release) -> tuple[Settled, Sequence[Change]]:
    """Let a frozen case be touched again, and decide what may have changed meanwhile."""
    if item not in ports.journal.freezes():
        refused = _why_not_released(ports, item, release)
        if refused is not None:
            return refused, ()
    erasing = _erasing(ports, release.case)
    saved = [r for r in erasing if ports.vault.matches(r.object, r.proof)]
    ports.ledger.append([released_entry(item, release)])
    ports.journal.put(replace(r, state=State.DONE, erasure=None) for r in saved)
    ports.journal.note_freeze(item)
    record = ports.journal.find(release.case)
    cases = () if record is None else decided_with(ports, record)
    settled = Settled.DONE if len(saved) == len(erasing) else Settled.ERASURE_BEGUN
    return settled, list(reconsider(ports, cases))


def _erasing(ports: Ports, case: CaseId) -> list[Record]:
    """Return what a freeze stopped while it was being erased, of a case and its companions.

    Whoever wanted it gone did not know what the freeze was for: two people must want it again.
    """
    found = (ports.journal.find(one) for one in (case, *ports.journal.companions(case)))
    return [record for record in found if record is not None and record.state is State.ERASING]


def _why_not_released(ports: Ports, item: Item, release: Release) -> Settled | None:
    frozen = frozen_cases(ports).get(release.case)
    if frozen is None:
        return Settled.NOT_FROZEN
    if not frozen.may_be_released_by(item.by):
        return Settled.NOT_ENTITLED
    return None if is_reference(release.reference) else Settled.NO_REFERENCE


def _about_a_case(
    ports: Ports, item: Item, act: SayPresent | SayAbsent | Seen | Erase
) -> tuple[Settled, Sequence[Change]]:
    record = ports.journal.find(act.case)
    if record is None:
        return Settled.UNKNOWN_CASE, ()
    if is_frozen(ports, record.case, record.group):
        return Settled.FROZEN, ()
    if isinstance(act, SayPresent):
        return _say_present(ports, item, act, record)
    if isinstance(act, SayAbsent):
        return _say_absent(ports, item, act, record)
    return _seen_or_erased(ports, item, act, record)


def _seen_or_erased(
    ports: Ports, item: Item, act: Seen | Erase, record: Record
) -> tuple[Settled, Sequence[Change]]:
    if isinstance(act, Erase):
        return _erase(ports, item, act, record)
    ports.ledger.append([seen_entry(item, act)])
    return Settled.DONE, ()


def _say_present(
    ports: Ports, item: Item, act: SayPresent, record: Record
) -> tuple[Settled, Sequence[Change]]:
    register = begin_round(ports).register
    if not _are_known(act.people, register):
        return Settled.UNKNOWN_PERSON, ()
    statement = Statement(
        id=item.id,
        about=record.case,
        kind=StatementKind.PRESENT,
        people=act.people,
        present=act.present,
        at=item.at,
        by=item.by,
    )
    say(ports, record, [statement])
    return Settled.DONE, list(reconsider(ports, decided_with(ports, record)))


def _say_absent(
    ports: Ports, item: Item, act: SayAbsent, record: Record
) -> tuple[Settled, Sequence[Change]]:
    """Note who of each class was absent from the sitting; nobody named: nobody was."""
    this = begin_round(ports)
    if isinstance(this.register, NoRegister) or not _are_known(act.people, this.register):
        return Settled.UNKNOWN_PERSON, ()
    sittings = sittings_of(ports, record.case, record.evidence, this)
    statements = [
        Statement(
            id=item.id,
            about=name,
            kind=StatementKind.ABSENT,
            people=members,
            present=NOBODY_ELSE,
            at=item.at,
            by=item.by,
        )
        for roster, name in sittings.items()
        if (members := _members(act.people, roster, this.register)) or not act.people
    ]
    if not statements:
        return Settled.NO_SITTING, ()
    say(ports, record, statements)
    return Settled.DONE, list(reconsider(ports, decided_with(ports, record, sitting=True)))


def _members(people: Sequence[Token], roster: RosterId, register: Register) -> tuple[Token, ...]:
    return tuple(token for token in people if token in register.rosters[roster].members)


def _are_known(people: Sequence[Token], register: Register | NoRegister) -> bool:
    known = register.people if isinstance(register, Register) else {}
    return all(token in known for token in people)


def _erase(
    ports: Ports, item: Item, act: Erase, record: Record
) -> tuple[Settled, Sequence[Change]]:
    """Destroy a held picture that two people want gone; the intent is durable before the effect."""
    if record.state not in (State.ERASING, State.ERASED):
        if not _may_be_erased(ports, item, act, record):
            return Settled.NOT_ERASED, ()
        erasure = Erasure(proposed_by=act.proposed_by, confirmed_by=item.by, at=item.at)
        record = replace(record, state=State.ERASING, erasure=erasure)
        ports.journal.put([record])
    advance(ports, [record])
    return Settled.DONE, ()


def _may_be_erased(ports: Ports, item: Item, act: Erase, record: Record) -> bool:
    """Tell whether two different people entitled to it want a held picture gone, on a sure day."""
    return (
        record.state is State.DONE
        and record.ruling.verdict is not Verdict.KEEP
        and act.proposed_by.account != item.by.account
        and {act.proposed_by.role, item.by.role} <= ERASERS
        and ports.clock.now().trusted
    )
