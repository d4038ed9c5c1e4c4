# SPDX-License-Identifier: Apache-2.0
"""The register snapshot: what the office signs and a station decides on, names included.

A snapshot is a value with one canonical text (`agent.core.canonical`); its digest names it in every
decision. It travels signed by the office and sealed to one station. The station turns it into a
`Register` of clues at once and keeps no name.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final, TypeVar

from agent.core.canonical import JsonValue, decode, encode
from agent.core.cards import KEY_BYTES, CardKind, card_ids
from agent.core.clues import ClueMaker
from agent.core.model import DeviceReference, PurposeId, RosterId, Token
from agent.core.register import (
    Answer,
    AnswererId,
    Capacity,
    Device,
    Person,
    Register,
    Roster,
    Says,
)

FORMAT: Final = "photowarden-register/2"
"""Since format 2 a snapshot carries what class cards are signed with."""
FORMAT_WITHOUT_CARDS: Final = "photowarden-register/1"
_CARD: Final = re.compile(r"[A-Z2-7]{12}")
_ID: Final = re.compile(r"[a-z2-7]{26}")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"

Reference = TypeVar("Reference", RosterId, Token)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPerson:
    """A person with the names they are known by; `reference` is the school's own for them."""

    token: Token
    reference: str
    names: tuple[str, ...]
    answers: tuple[Answer, ...] = ()
    restricted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRoster:
    """A class or group with the folder names that mean it."""

    id: RosterId
    names: tuple[str, ...]
    members: tuple[Token, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDevice:
    """A school device as the office knows it."""

    id: DeviceReference
    reference: str
    make: str
    model: str
    serials: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    retired_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The register at one moment; `version` only grows within a school."""

    school: str
    school_year: str
    version: int
    issued_at: datetime
    valid_until: datetime
    people: tuple[NamedPerson, ...] = ()
    rosters: tuple[NamedRoster, ...] = ()
    devices: tuple[NamedDevice, ...] = ()
    card_key: bytes = field(default=b"", repr=False)
    """What class cards are signed with; without it no card counts, and the format is the first."""
    withdrawn_cards: Mapping[str, date] = field(default_factory=dict)
    """Ids of cards that no longer count, with the day from which."""

    @property
    def short_year(self) -> str:
        """The school year as cards name it: "26" is 2026-27."""
        return self.school_year[2:4]

    def card_ids(self, kind: CardKind, reference_id: str) -> list[str]:
        """Return the ids of all cards of a roster or person; the last one counts.

        Raises:
            ValueError: the snapshot has no key for cards.
        """
        if not self.card_key:
            raise ValueError("a register without a key for cards")
        return card_ids(kind, reference_id, self.card_key, self.withdrawn_cards)

    def encoded(self) -> bytes:
        """Return the canonical text."""
        return encode(_to_plain(self))

    def digest(self) -> str:
        """Return the SHA-256 of the canonical text, hex."""
        return hashlib.sha256(self.encoded()).hexdigest()

    def register(self, clues: ClueMaker) -> Register:
        """Return the register of clues that a station decides on."""
        return Register(
            digest=self.digest(),
            version=self.version,
            issued_at=self.issued_at,
            valid_until=self.valid_until,
            people={
                person.token: Person(
                    token=person.token,
                    names=frozenset(map(clues.name, person.names)),
                    answers=person.answers,
                    restricted=person.restricted,
                )
                for person in self.people
            },
            rosters={
                roster.id: Roster(
                    id=roster.id,
                    names=frozenset(map(clues.folder, roster.names)),
                    members=frozenset(roster.members),
                )
                for roster in self.rosters
            },
            devices={device.id: _device(device, clues) for device in self.devices},
            year=self.short_year,
            card_key=self.card_key,
            class_cards=self._cards(CardKind.CLASS, [roster.id for roster in self.rosters]),
            child_cards=self._cards(CardKind.CHILD, [person.token for person in self.people]),
            withdrawn_cards=self.withdrawn_cards,
        )

    def _cards(self, kind: CardKind, references: Iterable[Reference]) -> dict[str, Reference]:
        """Return whom every card means; none counts without a key."""
        if not self.card_key:
            return {}
        return {one: whom for whom in references for one in self.card_ids(kind, whom)}


def decode_snapshot(text: bytes) -> Snapshot:
    """Return the snapshot of a canonical text.

    Raises:
        ValueError: it is not exactly what `encoded` writes.
    """
    plain = decode(text)
    if not isinstance(plain, dict) or plain.get("format") not in (FORMAT, FORMAT_WITHOUT_CARDS):
        raise ValueError("not a register snapshot of this format")
    try:
        snapshot = _from_plain(plain)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("a register snapshot of another shape") from error
    if snapshot.encoded() != text:
        raise ValueError("a register snapshot with more in it than is known")
    return snapshot


def _device(device: NamedDevice, clues: ClueMaker) -> Device:
    return Device(
        reference=device.id,
        model=clues.model(device.model) if device.model else None,
        serials=frozenset(map(clues.serial, device.serials)),
        folders=frozenset(map(clues.folder, device.folders)),
        retired_on=device.retired_on,
    )


def _to_plain(snapshot: Snapshot) -> dict[str, JsonValue]:
    cards = _cards_to_plain(snapshot)
    return {
        "format": FORMAT if cards else FORMAT_WITHOUT_CARDS,
        **cards,
        "school": snapshot.school,
        "school_year": snapshot.school_year,
        "version": snapshot.version,
        "issued_at": snapshot.issued_at.astimezone(UTC).strftime(_TIME),
        "valid_until": snapshot.valid_until.astimezone(UTC).strftime(_TIME),
        "people": [_person_to_plain(person) for person in snapshot.people],
        "rosters": [
            {"id": r.id, "names": list(r.names), "members": list(r.members)}
            for r in snapshot.rosters
        ],
        "devices": [_device_to_plain(device) for device in snapshot.devices],
    }


def _cards_to_plain(snapshot: Snapshot) -> dict[str, JsonValue]:
    if not snapshot.card_key:
        return {}
    withdrawn = {card: day.isoformat() for card, day in snapshot.withdrawn_cards.items()}
    return {"cards": {"key": snapshot.card_key.hex(), "withdrawn": withdrawn}}


def _person_to_plain(person: NamedPerson) -> dict[str, JsonValue]:
    return {
        "token": person.token,
        "reference": person.reference,
        "names": list(person.names),
        "restricted": person.restricted,
        "answers": [
            {
                "purpose": answer.purpose,
                "answerer": answer.answerer,
                "capacity": answer.capacity.value,
                "says": answer.says.value,
                "given_on": answer.given_on.isoformat(),
                "valid_until": _day(answer.valid_until),
            }
            for answer in person.answers
        ],
    }


def _device_to_plain(device: NamedDevice) -> dict[str, JsonValue]:
    return {
        "id": device.id,
        "reference": device.reference,
        "make": device.make,
        "model": device.model,
        "serials": list(device.serials),
        "folders": list(device.folders),
        "retired_on": _day(device.retired_on),
    }


def _from_plain(plain: Mapping[str, Any]) -> Snapshot:
    return Snapshot(
        school=plain["school"],
        school_year=plain["school_year"],
        version=plain["version"],
        issued_at=_time(plain["issued_at"]),
        valid_until=_time(plain["valid_until"]),
        people=tuple(map(_person_from_plain, plain["people"])),
        rosters=tuple(
            NamedRoster(
                id=RosterId(_opaque(roster["id"])),
                names=tuple(roster["names"]),
                members=tuple(Token(_opaque(token)) for token in roster["members"]),
            )
            for roster in plain["rosters"]
        ),
        devices=tuple(map(_device_from_plain, plain["devices"])),
        **_cards_from_plain(plain.get("cards")),
    )


def _cards_from_plain(plain: Mapping[str, Any] | None) -> dict[str, Any]:
    if plain is None:
        return {}
    key = bytes.fromhex(plain["key"])
    withdrawn = {card: date.fromisoformat(day) for card, day in plain["withdrawn"].items()}
    if len(key) != KEY_BYTES or not all(map(_CARD.fullmatch, withdrawn)):
        raise ValueError("cards of another shape")
    return {"card_key": key, "withdrawn_cards": withdrawn}


def _person_from_plain(plain: Mapping[str, Any]) -> NamedPerson:
    return NamedPerson(
        token=Token(_opaque(plain["token"])),
        reference=plain["reference"],
        names=tuple(plain["names"]),
        restricted=plain["restricted"] is not False,
        answers=tuple(
            Answer(
                purpose=PurposeId(answer["purpose"]),
                answerer=AnswererId(answer["answerer"]),
                capacity=Capacity(answer["capacity"]),
                says=Says(answer["says"]),
                given_on=date.fromisoformat(answer["given_on"]),
                valid_until=_from_day(answer["valid_until"]),
            )
            for answer in plain["answers"]
        ),
    )


def _device_from_plain(plain: Mapping[str, Any]) -> NamedDevice:
    return NamedDevice(
        id=DeviceReference(_opaque(plain["id"])),
        reference=plain["reference"],
        make=plain["make"],
        model=plain["model"],
        serials=tuple(plain["serials"]),
        folders=tuple(plain["folders"]),
        retired_on=_from_day(plain["retired_on"]),
    )


def _opaque(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError("an id of another shape")
    return text


def _time(text: str) -> datetime:
    return datetime.strptime(text, _TIME).replace(tzinfo=UTC)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _from_day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
