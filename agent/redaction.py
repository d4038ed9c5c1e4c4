# SPDX-License-Identifier: Apache-2.0
"""Make a redacted copy a case of its own, on the one path that every medium takes.

A copy is no release of its parent: it is new evidence with its own pixels, and somebody who looked
at it says who is still in it. The same rules decide, it is sealed, stored, read back and recorded
like any other medium. Nobody who was named in the parent may be forgotten: each of them is said to
be covered or to be still there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from agent.core.case import FileIdentity, Record, State
from agent.core.covering import Place
from agent.core.errors import ConfigurationError
from agent.core.model import CaseId, Clue, Token
from agent.core.statements import Statement, StatementKind
from agent.core.who import Who
from agent.deciding import Round, begin_round, decide
from agent.freezing import is_frozen
from agent.intake import decided_again
from agent.pipeline import advance
from agent.ports import Examined, NotCovered, OpenedCase, Ports
from agent.upkeep import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What somebody wants covered, whom that leaves, and who wants it."""

    id: str
    """The opaque id of the wish: carried out twice it is recorded once."""
    by: Who
    places: tuple[Place, ...]
    covered: tuple[Token, ...] = ()
    """People who were named in the picture and are covered."""
    left: tuple[Token, ...] = ()
    """Exactly who is still to be seen; nobody where there is none."""


def redact(ports: Ports, record: Record, opened: OpenedCase, wanted: Redaction) -> Record:
    """Make, seal, decide and store a redacted copy; return its case.

    Raises:
        ConfigurationError: nothing was made, and the code says why.
        UnavailableError: the vault is away; the copy is sealed in the spool and waits.
    """
    _check(ports, record, wanted)
    made = ports.coverer.cover(opened, wanted.places)
    if isinstance(made, NotCovered):
        raise ConfigurationError(made.sentence, code=made.code, remedy=made.remedy)
    this = begin_round(ports, {made.case: made.evidence})
    earlier = ports.journal.find(made.case)
    copy = _new(ports, made, opened, this) if earlier is None else earlier
    say(ports, copy, [_whom_it_leaves(copy.case, wanted, this)])
    if earlier is None:
        copy = _as_said(ports, copy, this)
    else:
        copy = decided_again(ports, copy, this) or copy
    ports.journal.put([copy])
    return advance(ports, [copy])[0]


def _whom_it_leaves(case: CaseId, wanted: Redaction, this: Round) -> Statement:
    return Statement(
        id=wanted.id,
        about=case,
        kind=StatementKind.PRESENT,
        people=wanted.left,
        at=this.moment.at,
        by=wanted.by,
    )


def _check(ports: Ports, record: Record, wanted: Redaction) -> None:
    """Make sure that the picture may and can be covered, and nobody named in it is forgotten."""
    if is_frozen(ports, record.case, record.group):
        raise ConfigurationError(
            f"case {record.case} is frozen: nobody may look at it, copy it or change it",
            code="case.frozen",
            remedy="Leave this computer as it is and follow docs/freeze.md.",
        )
    if record.evidence.refusal is not None:
        raise ConfigurationError(
            "the picture could not be cleaned, so no copy can be made of it",
            code="cover.unclean",
            remedy="Copy the original from the camera again, as JPEG.",
        )
    if set(wanted.covered) & set(wanted.left):
        raise ConfigurationError(
            "somebody is said to be covered and to be still there",
            code="cover.both",
            remedy="Look at the picture and say one of the two.",
        )
    if _forgotten(record, wanted):
        raise ConfigurationError(
            "somebody who is named in the picture is neither covered nor said to be still there",
            code="cover.forgotten",
            remedy="Say of everyone who is named whether they are covered or still there.",
        )


def _forgotten(record: Record, wanted: Redaction) -> set[Token]:
    return set(record.facts.attribution.tagged) - {*wanted.covered, *wanted.left}


def _new(ports: Ports, made: Examined, opened: OpenedCase, this: Round) -> Record:
    """Seal a copy that is not there yet, and return its record with its ruling."""
    object_id, proof = ports.sealer.seal(made, _name(opened))
    facts, ruling = decide(ports, made.case, made.evidence, (), this)
    return Record(
        case=made.case,
        state=State.SEALED,
        kind=made.kind,
        object=object_id,
        proof=proof,
        evidence=made.evidence,
        facts=facts,
        ruling=ruling,
        source=_nowhere(made.case, made.medium.size),
        arrived_at=this.moment.at,
        discard=False,
    )


def _as_said(ports: Ports, copy: Record, this: Round) -> Record:
    """Return a copy with the ruling that what was said of it gives."""
    facts, ruling = decide(ports, copy.case, copy.evidence, (), this)
    return replace(copy, facts=facts, ruling=ruling)


def _name(opened: OpenedCase) -> str:
    """Return the name that is sealed with the copy."""
    original = PurePosixPath(str(opened.details.get("name", "picture")))
    return f"{original.with_suffix('')} (redacted copy).jpg"


def _nowhere(case: CaseId, size: int) -> FileIdentity:
    """Return the identity of a file that lies in no import folder."""
    return FileIdentity(place=Clue(case), size=size, modified_ns=0, changed_ns=0, number=0)


def places_of(faces: Sequence[Sequence[str]], numbers: Iterable[int]) -> tuple[Place, ...]:
    """Return the places of detected faces by their numbers, from 1, in the order of the facts.

    Raises:
        ConfigurationError: there is no such face.
    """
    wanted = list(numbers)
    if any(not 1 <= number <= len(faces) for number in wanted):
        raise ConfigurationError(
            f"the picture has no face with that number; it has {len(faces)}",
            code="cover.no_face",
            remedy="Look the faces up with photowarden show CASE --identity FILE, or give --box.",
        )
    chosen = [[float(part) for part in faces[number - 1]] for number in wanted]
    return tuple(Place(left=f[0], top=f[1], width=f[2], height=f[3]) for f in chosen)
