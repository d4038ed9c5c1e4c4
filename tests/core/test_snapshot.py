# SPDX-License-Identifier: Apache-2.0
"""A snapshot reads back as it was written, exactly, and becomes the register that it says."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from agent.core.canonical import decode, encode
from agent.core.cards import CardKind, card_id
from agent.core.clues import ClueMaker
from agent.core.model import DeviceReference, PurposeId, RosterId, Token
from agent.core.register import Answer, AnswererId, Capacity, Says
from agent.core.snapshot import NamedDevice, NamedPerson, NamedRoster, Snapshot, decode_snapshot

ANSWER = Answer(
    purpose=PurposeId("photograph_and_store"),
    answerer=AnswererId("m" * 26),
    capacity=Capacity.RESPONSIBLE,
    says=Says.YES,
    given_on=date(2026, 9, 1),
    valid_until=date(2027, 8, 31),
)
AMARA = NamedPerson(
    token=Token("a" * 26), reference="P1", names=("Amara Okafor", "Amara O"), answers=(ANSWER,)
)
BEN = NamedPerson(
    token=Token("b" * 26),
    reference="P2",
    names=("Ben Hart",),
    answers=(replace(ANSWER, valid_until=None),),
    restricted=True,
)
CLASS = NamedRoster(id=RosterId("r" * 26), names=("3B",), members=(AMARA.token, BEN.token))
CAMERA = NamedDevice(
    id=DeviceReference("c" * 26),
    reference="cam",
    make="Canon",
    model="R7",
    serials=("1", "2"),
    folders=("camera-1",),
    retired_on=date(2027, 1, 2),
)
SNAPSHOT = Snapshot(
    school="Larkfield",
    school_year="2026-27",
    version=3,
    issued_at=datetime(2026, 11, 23, 12, 0, 1, tzinfo=UTC),
    valid_until=datetime(2026, 12, 23, 12, 0, 2, tzinfo=UTC),
    people=(AMARA, BEN),
    rosters=(CLASS,),
    devices=(CAMERA, NamedDevice(id=DeviceReference("d" * 26), reference="x", make="", model="")),
    card_key=b"k" * 32,
    withdrawn_cards={"A" * 12: date(2026, 11, 20)},
)
CLUES = ClueMaker(bytes(32))


def test_a_snapshot_reads_back_as_it_was_written() -> None:
    assert decode_snapshot(SNAPSHOT.encoded()) == SNAPSHOT


def test_the_digest_is_of_the_canonical_text() -> None:
    assert SNAPSHOT.digest() == hashlib.sha256(SNAPSHOT.encoded()).hexdigest()


def test_times_are_written_in_utc() -> None:
    east = SNAPSHOT.issued_at.astimezone(timezone(timedelta(hours=2)))
    assert replace(SNAPSHOT, issued_at=east).encoded() == SNAPSHOT.encoded()


def test_the_register_has_the_head_of_the_snapshot() -> None:
    register = SNAPSHOT.register(CLUES)
    assert (register.digest, register.version) == (SNAPSHOT.digest(), 3)
    assert (register.issued_at, register.valid_until) == (SNAPSHOT.issued_at, SNAPSHOT.valid_until)


def test_people_become_clues_of_all_their_names() -> None:
    people = SNAPSHOT.register(CLUES).people
    assert people[AMARA.token].names == {CLUES.name("Amara Okafor"), CLUES.name("Amara O")}
    assert people[AMARA.token].answers == (ANSWER,)
    assert [people[one.token].restricted for one in (AMARA, BEN)] == [False, True]


def test_rosters_become_clues_of_folders() -> None:
    roster = SNAPSHOT.register(CLUES).rosters[CLASS.id]
    assert roster.names == {CLUES.folder("3B")}
    assert roster.members == {AMARA.token, BEN.token}


def test_devices_become_clues_of_their_marks() -> None:
    device = SNAPSHOT.register(CLUES).devices[CAMERA.id]
    assert device.reference == CAMERA.id
    assert device.model == CLUES.model("R7")
    assert device.serials == {CLUES.serial("1"), CLUES.serial("2")}
    assert device.folders == {CLUES.folder("camera-1")}
    assert device.retired_on == date(2027, 1, 2)


def test_a_device_without_a_model_matches_no_model() -> None:
    assert SNAPSHOT.register(CLUES).devices[DeviceReference("d" * 26)].model is None


def spoilt(path: tuple[str | int, ...], value: object) -> bytes:
    plain = decode(SNAPSHOT.encoded())
    inner = plain
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return encode(plain)


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (("format",), "photowarden-register/1", "more in it"),
        (("format",), "photowarden-register/3", "format"),
        (("cards",), None, "more in it"),
        (("cards", "key"), "00", "cards of another shape"),
        (("cards", "key"), "Amara", "hexadecimal"),
        (("cards", "withdrawn"), {"Amara": "2026-11-20"}, "cards of another shape"),
        (("cards", "withdrawn"), {"A" * 12: "today"}, "isoformat"),
        (("cards", "withdrawn"), [], "shape"),
        (("cards", "note"), "x", "more in it"),
        (("people",), 7, "shape"),
        (("people", 0, "token"), "Amara", "id of another shape"),
        (("people", 0, "answers"), None, "shape"),
        (("people", 0, "restricted"), None, "more in it"),
        (("people", 0, "note"), "x", "more in it"),
        (("rosters", 0), {}, "shape"),
        (("rosters", 0, "id"), "3B", "id of another shape"),
        (("rosters", 0, "members", 0), "Amara", "id of another shape"),
        (("devices", 0, "id"), "cam", "id of another shape"),
        (("devices", 0), [], "shape"),
        (("issued_at",), "today", "does not match format"),
    ],
)
def test_a_snapshot_of_another_shape_is_refused(
    path: tuple[str | int, ...], value: object, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        decode_snapshot(spoilt(path, value))


@pytest.mark.parametrize("text", [b"[]", b"{}", b"7"])
def test_what_is_no_snapshot_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="not a register snapshot"):
        decode_snapshot(text)


def test_a_snapshot_from_before_there_were_cards_still_counts() -> None:
    old = replace(SNAPSHOT, card_key=b"", withdrawn_cards={})
    assert decode(old.encoded())["format"] == "photowarden-register/1"
    assert decode_snapshot(old.encoded()) == old
    register = old.register(CLUES)
    assert (register.class_cards, register.child_cards, register.card_key) == ({}, {}, b"")
    with pytest.raises(ValueError, match="without a key"):
        old.card_ids(CardKind.CLASS, CLASS.id)


def test_the_register_knows_every_card_and_its_school_year() -> None:
    register = SNAPSHOT.register(CLUES)
    key = SNAPSHOT.card_key
    assert register.year == "26"
    assert register.class_cards == {card_id(CardKind.CLASS, CLASS.id, key): CLASS.id}
    assert register.child_cards == {
        card_id(CardKind.CHILD, one.token, key): one.token for one in (AMARA, BEN)
    }
    assert register.withdrawn_cards == SNAPSHOT.withdrawn_cards


def test_a_withdrawn_card_makes_room_for_the_next_one_of_its_class() -> None:
    first = SNAPSHOT.card_ids(CardKind.CLASS, CLASS.id)[-1]
    after = replace(SNAPSHOT, withdrawn_cards={first: date(2026, 11, 20)})
    ids = after.card_ids(CardKind.CLASS, CLASS.id)
    assert ids[0] == first
    assert len(set(ids)) == 2
    assert after.register(CLUES).class_cards == dict.fromkeys(ids, CLASS.id)


def test_the_key_of_cards_is_in_no_text_for_people() -> None:
    shown = f"{SNAPSHOT!r} {SNAPSHOT.register(CLUES)!r}"
    assert repr(SNAPSHOT.card_key) not in shown
    assert SNAPSHOT.card_key.hex() not in shown
