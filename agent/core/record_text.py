# SPDX-License-Identifier: Apache-2.0
"""Records as plain JSON values and back, for the journal.

Rule: `from_plain(to_plain(record)) == record`; what does not fit exactly is refused, because a
journal that reads differently from how it was written is an integrity fault.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from agent.core.attribution import Present
from agent.core.case import Erasure, FileIdentity, Original, Proof, Record, Ruling, State
from agent.core.concerns import Concern, Verdict
from agent.core.model import (
    Attribution,
    CaseId,
    Clue,
    Coverage,
    DeviceReference,
    Evidence,
    Facts,
    Grade,
    Look,
    ObjectId,
    Provenance,
    RosterId,
    Shot,
    Tag,
    TagSource,
    Token,
)
from agent.core.sittings import Frame
from agent.core.statements import Statement, StatementKind
from agent.core.who import AccountId, Role, Who

Plain = dict[str, Any]


def to_plain(record: Record) -> Plain:
    """Return a record as values that JSON can hold."""
    return {
        "case": record.case,
        "state": record.state.value,
        "kind": record.kind,
        "object": record.object,
        "proof": [record.proof.body_sha256, record.proof.body_size, record.proof.slip_sha256],
        "evidence": _evidence_to_plain(record.evidence),
        "facts": _facts_to_plain(record.facts),
        "ruling": _ruling_to_plain(record.ruling),
        "rulings": record.rulings,
        "source": _identity_to_plain(record.source),
        "arrivals": record.arrivals,
        "arrived_at": record.arrived_at.isoformat(),
        "group": list(record.group),
        "sidecars": [_identity_to_plain(sidecar) for sidecar in record.sidecars],
        "discard": record.discard,
        "original": record.original.value,
        "stored_at": _time_to_plain(record.stored_at),
        "cleared_at": _time_to_plain(record.cleared_at),
        "spooled": record.spooled,
        "erasure": _erasure_to_plain(record.erasure),
    }


def from_plain(plain: Mapping[str, Any]) -> Record:
    """Return the record that these values describe.

    Raises:
        KeyError, TypeError, ValueError: they describe none.
    """
    body_sha256, body_size, slip_sha256 = plain["proof"]
    return Record(
        case=CaseId(plain["case"]),
        state=State(plain["state"]),
        kind=plain["kind"],
        object=ObjectId(plain["object"]),
        proof=Proof(body_sha256=body_sha256, body_size=body_size, slip_sha256=slip_sha256),
        evidence=_evidence_from_plain(plain["evidence"]),
        facts=_facts_from_plain(plain["facts"]),
        ruling=_ruling_from_plain(plain["ruling"]),
        rulings=plain["rulings"],
        source=_identity_from_plain(plain["source"]),
        arrivals=plain["arrivals"],
        arrived_at=datetime.fromisoformat(plain["arrived_at"]),
        group=tuple(map(CaseId, plain["group"])),
        sidecars=tuple(map(_identity_from_plain, plain["sidecars"])),
        discard=plain["discard"],
        original=Original(plain["original"]),
        stored_at=_time_from_plain(plain["stored_at"]),
        cleared_at=_time_from_plain(plain["cleared_at"]),
        spooled=plain["spooled"],
        erasure=_erasure_from_plain(plain["erasure"]),
    )


def _identity_to_plain(source: FileIdentity) -> list[str]:
    """Return an identity as text: file numbers and times go beyond what JSON numbers hold."""
    numbers = (source.size, source.modified_ns, source.changed_ns, source.number)
    return [source.place, *map(str, numbers)]


def _identity_from_plain(plain: Sequence[str]) -> FileIdentity:
    place, *numbers = plain
    size, modified_ns, changed_ns, number = map(int, numbers)
    return FileIdentity(
        place=Clue(place),
        size=size,
        modified_ns=modified_ns,
        changed_ns=changed_ns,
        number=number,
    )


def _erasure_to_plain(erasure: Erasure | None) -> list[Any] | None:
    if erasure is None:
        return None
    two = (erasure.proposed_by, erasure.confirmed_by)
    return [*map(who_to_plain, two), erasure.at.isoformat()]


def _erasure_from_plain(plain: Sequence[Any] | None) -> Erasure | None:
    if plain is None:
        return None
    proposed_by, confirmed_by, at = plain
    return Erasure(
        proposed_by=who_from_plain(proposed_by),
        confirmed_by=who_from_plain(confirmed_by),
        at=datetime.fromisoformat(at),
    )


def _time_to_plain(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _time_from_plain(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _day_to_plain(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day_from_plain(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _code(concern: Concern | None) -> str | None:
    return None if concern is None else concern.code


def _concern(code: str | None) -> Concern | None:
    return None if code is None else Concern.of(code)


def _evidence_to_plain(evidence: Evidence) -> Plain:
    return {
        "serials": sorted(evidence.serials),
        "model": evidence.model,
        "folders": sorted(evidence.folders),
        "tags": [[tag.source.value, tag.name] for tag in evidence.tags],
        "refusal": _code(evidence.refusal),
        "shot": _shot_to_plain(evidence.shot),
        "look": _look_to_plain(evidence.look),
        "cards": list(evidence.cards),
        "notes": sorted(note.code for note in evidence.notes),
        "parent": evidence.parent,
        "captured_on": _day_to_plain(evidence.captured_on),
        "arrived_on": _day_to_plain(evidence.arrived_on),
    }


def _evidence_from_plain(plain: Mapping[str, Any]) -> Evidence:
    return Evidence(
        serials=frozenset(map(Clue, plain["serials"])),
        model=None if plain["model"] is None else Clue(plain["model"]),
        folders=frozenset(map(Clue, plain["folders"])),
        tags=tuple(
            Tag(source=TagSource(source), name=None if name is None else Clue(name))
            for source, name in plain["tags"]
        ),
        refusal=_concern(plain["refusal"]),
        shot=_shot_from_plain(plain["shot"]),
        look=_look_from_plain(plain["look"]),
        cards=tuple(plain["cards"]),
        notes=frozenset(map(Concern.of, plain["notes"])),
        parent=None if plain["parent"] is None else CaseId(plain["parent"]),
        captured_on=_day_from_plain(plain.get("captured_on")),
        arrived_on=_day_from_plain(plain.get("arrived_on")),
    )


def _shot_to_plain(shot: Shot | None) -> list[Any] | None:
    if shot is None:
        return None
    return [shot.body, shot.taken.isoformat(), shot.offset, shot.number]


def _shot_from_plain(plain: Sequence[Any] | None) -> Shot | None:
    if plain is None:
        return None
    body, taken, offset, number = plain
    return Shot(
        body=Clue(body), taken=datetime.fromisoformat(taken), offset=offset, number=int(number)
    )


def _look_to_plain(look: Look | None) -> list[Any] | None:
    """Return a look as plain values; an outline goes beyond what JSON numbers hold."""
    if look is None:
        return None
    outline = None if look.outline is None else f"{look.outline:016x}"
    return [look.faces, look.small_faces, look.pixels, outline]


def _look_from_plain(plain: Sequence[Any] | None) -> Look | None:
    if plain is None:
        return None
    faces, small_faces, pixels, outline = plain
    return Look(
        faces=None if faces is None else int(faces),
        small_faces=int(small_faces),
        pixels=Clue(pixels),
        outline=None if outline is None else int(outline, 16),
    )


def frame_to_plain(frame: Frame) -> Plain:
    """Return a frame as values that JSON can hold."""
    return {
        "case": frame.case,
        "shot": _shot_to_plain(frame.shot),
        "cards": list(frame.cards),
        "arrived_on": _day_to_plain(frame.arrived_on),
    }


def frame_from_plain(plain: Mapping[str, Any]) -> Frame:
    """Return the frame that these values describe.

    Raises:
        KeyError, TypeError, ValueError: they describe none.
    """
    shot = _shot_from_plain(plain["shot"])
    if shot is None:
        raise ValueError("a frame without a shot")
    return Frame(
        case=CaseId(plain["case"]),
        shot=shot,
        cards=tuple(plain["cards"]),
        arrived_on=_day_from_plain(plain.get("arrived_on")),
    )


def who_to_plain(who: Who) -> list[str]:
    """Return who did something as values that JSON can hold."""
    return [who.account, who.role.value]


def who_from_plain(plain: Sequence[str]) -> Who:
    """Return who did something.

    Raises:
        TypeError, ValueError: the values describe nobody.
    """
    account, role = plain
    return Who(account=AccountId(account), role=Role(role))


def present_to_plain(present: Present) -> list[Any]:
    """Return what is said beside the people in a picture as values that JSON can hold."""
    counts = (present.visitors, present.not_known, present.added_faces)
    return [present.is_everyone, *counts, list(present.too_small)]


def present_from_plain(plain: Sequence[Any]) -> Present:
    """Return what is said beside the people in a picture.

    Raises:
        TypeError, ValueError: the values describe nothing of that kind.
    """
    is_everyone, visitors, not_known, added_faces, too_small = plain
    return Present(
        is_everyone=is_everyone,
        visitors=visitors,
        not_known=not_known,
        added_faces=added_faces,
        too_small=tuple(too_small),
    )


def statement_to_plain(statement: Statement) -> Plain:
    """Return a statement as values that JSON can hold."""
    return {
        "id": statement.id,
        "about": statement.about,
        "kind": statement.kind.value,
        "people": list(statement.people),
        "present": present_to_plain(statement.present),
        "at": statement.at.isoformat(),
        "by": who_to_plain(statement.by),
    }


def statement_from_plain(plain: Mapping[str, Any]) -> Statement:
    """Return the statement that these values describe.

    Raises:
        KeyError, TypeError, ValueError: they describe none.
    """
    return Statement(
        id=plain["id"],
        about=plain["about"],
        kind=StatementKind(plain["kind"]),
        people=tuple(map(Token, plain["people"])),
        present=present_from_plain(plain["present"]),
        at=datetime.fromisoformat(plain["at"]),
        by=who_from_plain(plain["by"]),
    )


def _facts_to_plain(facts: Facts) -> Plain:
    claim = facts.attribution
    return {
        "grade": facts.provenance.grade.value,
        "device": facts.provenance.device,
        "coverage": claim.coverage.value,
        "rosters": list(claim.rosters),
        "tagged": list(claim.tagged),
        "counts": [claim.unknown_names, claim.ambiguous_names, claim.unnamed_faces],
        "said": [claim.visitors, claim.not_known, facts.added_faces, facts.too_small],
        "stated": claim.stated,
        "absent": [list(one) for one in claim.absent],
        "refusal": _code(facts.refusal),
        "faces": facts.faces,
        "small_faces": facts.small_faces,
        "noted": [concern.code for concern in facts.noted],
    }


def _facts_from_plain(plain: Mapping[str, Any]) -> Facts:
    device = plain["device"]
    unknown_names, ambiguous_names, unnamed_faces = plain["counts"]
    visitors, not_known, added_faces, too_small = plain["said"]
    return Facts(
        provenance=Provenance(
            grade=Grade(plain["grade"]),
            device=None if device is None else DeviceReference(device),
        ),
        attribution=Attribution(
            coverage=Coverage(plain["coverage"]),
            rosters=tuple(map(RosterId, plain["rosters"])),
            tagged=tuple(map(Token, plain["tagged"])),
            unknown_names=unknown_names,
            ambiguous_names=ambiguous_names,
            unnamed_faces=unnamed_faces,
            stated=plain["stated"],
            absent=tuple((RosterId(roster), Token(token)) for roster, token in plain["absent"]),
            visitors=visitors,
            not_known=not_known,
        ),
        refusal=_concern(plain["refusal"]),
        faces=plain["faces"],
        small_faces=plain["small_faces"],
        added_faces=added_faces,
        too_small=too_small,
        noted=tuple(map(Concern.of, plain["noted"])),
    )


def _ruling_to_plain(ruling: Ruling) -> Plain:
    return {
        "verdict": ruling.verdict.name,
        "concerns": [concern.code for concern in ruling.concerns],
        "register": [ruling.register_digest, ruling.register_version],
        "policy": ruling.policy_digest,
        "decided_at": ruling.decided_at.isoformat(),
        "copies": list(ruling.copies),
    }


def _ruling_from_plain(plain: Mapping[str, Any]) -> Ruling:
    register_digest, register_version = plain["register"]
    return Ruling(
        verdict=Verdict[plain["verdict"]],
        concerns=tuple(map(Concern.of, plain["concerns"])),
        register_digest=register_digest,
        register_version=register_version,
        policy_digest=plain["policy"],
        decided_at=datetime.fromisoformat(plain["decided_at"]),
        copies=tuple(map(CaseId, plain["copies"])),
    )
