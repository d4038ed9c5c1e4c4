# SPDX-License-Identifier: Apache-2.0
"""Nothing personal can get into the ledger, and nothing in it can change unseen."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.act_entries import said_entry
from agent.core.canonical import JsonValue, decode, encode
from agent.core.case import Original, State
from agent.core.checkpoint import Checkpoint
from agent.core.entries import cleared_entry, stored_entries
from agent.core.entry_shapes import Shape
from agent.core.ledger import Entry, EntryKind, decode_entry
from agent.core.ledger_audit import audit_ledger
from agent.core.merkle import frontier_of, leaf_hash
from agent.core.record_text import from_plain, to_plain
from tests.builders import CASE, NOW, a_record, a_statement, station_entries

NAMES = ["Amara Okafor", "3B/IMG_0001.JPG", "C:\\Users\\office", "Zoë", "amara", "a@b.example"]


def lines(count: int = 5) -> list[bytes]:
    return [
        Entry(
            id=f"register.{number}",
            kind=EntryKind.REGISTER_PUBLISHED,
            at=NOW + timedelta(minutes=number),
            body={
                "register": "a" * 64,
                "register_version": number,
                "people": 2,
                "answers": 3,
                "devices": 1,
            },
        ).encoded()
        for number in range(count)
    ]


def promised(of: list[bytes]) -> Checkpoint:
    return Checkpoint(origin="here", size=len(of), root=frontier_of(map(leaf_hash, of)).root())


def record_entries() -> tuple[Entry, ...]:
    return (
        *stored_entries(a_record(arrivals=2)),
        said_entry(CASE, a_statement()),
        cleared_entry(a_record()),
        decode_entry(lines()[0]),
    )


def fitting(shape: Shape) -> JsonValue:
    """Return a value of a shape that the office's entries have."""
    words = shape.pattern.pattern.split("|")[:1] if shape.pattern else ()
    tried = (1, "v" * 26, "a" * 64, "2026-09-01", f"{'v' * 26}.yes")
    values = [[one] if shape.many else one for one in (*words, *tried)]
    return next((value for value in values if shape.fits(value)), None)


@pytest.mark.parametrize("kind", EntryKind)
@pytest.mark.parametrize("name", NAMES)
def test_no_field_of_any_kind_takes_a_name(kind: EntryKind, name: str) -> None:
    told = {entry.kind: entry for entry in (*station_entries(), *record_entries())}
    plain = {field: fitting(shape) for field, shape in kind.fields.items()}
    good = told.get(kind) or Entry(id="a", kind=kind, at=NOW, body=plain)
    for field in good.body:
        for value in (name, [name], {name: 1}):
            spoilt = {**good.body, field: value}
            with pytest.raises(ValueError, match=r"another shape|fields"):
                Entry(id=good.id, kind=kind, at=NOW, body=spoilt)


@pytest.mark.parametrize("name", NAMES[:4])
def test_no_id_takes_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="opaque id"):
        Entry(id=name, kind=EntryKind.SITE_CREATED, at=NOW, body={"vault": "v" * 26})


def test_a_field_too_many_is_refused() -> None:
    with pytest.raises(ValueError, match="fields"):
        Entry(id="a", kind=EntryKind.SITE_CREATED, at=NOW, body={"vault": "v" * 26, "note": "x"})


def test_an_entry_reads_back_as_it_was_written() -> None:
    for entry in (*stored_entries(a_record(arrivals=2)), cleared_entry(a_record())):
        assert decode_entry(entry.encoded()).encoded() == entry.encoded()


def test_entries_hold_no_clue_of_a_name_or_folder() -> None:
    text = b"".join(entry.encoded() for entry in stored_entries(a_record(arrivals=2)))
    assert b"clue of" not in text


def test_entries_depend_on_the_record_alone() -> None:
    assert stored_entries(a_record()) == stored_entries(a_record())


@pytest.mark.parametrize("spoil", [b'"kind":"photo.eaten"', b'"kind":7', b'"extra":1,"kind":"x"'])
def test_an_unknown_entry_is_refused(spoil: bytes) -> None:
    line = lines(1)[0].replace(b'"kind":"register.published"', spoil)
    with pytest.raises(ValueError, match=r"ledger entry|canonical"):
        decode_entry(line)


def test_a_sound_ledger_is_sound() -> None:
    assert audit_ledger(lines(), promised(lines()), promised(lines(3))).sound


TAMPERED = {
    "edited": lambda all_: [all_[0], all_[1].replace(b'"people":2', b'"people":3'), *all_[2:]],
    "deleted": lambda all_: [*all_[:2], *all_[3:]],
    "cut": lambda all_: all_[:-1],
    "extended": lambda all_: [*all_, *lines(6)[5:]],
    "swapped": lambda all_: [all_[1], all_[0], *all_[2:]],
    "repeated": lambda all_: [*all_, all_[0]],
    "garbage": lambda all_: [*all_[:-1], b"{}"],
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_tampered_ledger_is_not_sound(how: str) -> None:
    assert not audit_ledger(TAMPERED[how](lines()), promised(lines())).sound


@pytest.mark.parametrize("how", ["edited", "deleted", "swapped"])
def test_a_rewritten_and_signed_ledger_fails_an_older_checkpoint(how: str) -> None:
    rewritten = TAMPERED[how](lines())
    assert audit_ledger(rewritten, promised(rewritten)).sound or how == "repeated"
    assert not audit_ledger(rewritten, promised(rewritten), promised(lines(3))).sound


def test_a_checkpoint_reads_back_and_nothing_else_does() -> None:
    text = promised(lines()).text()
    assert Checkpoint.parse(text).text() == text
    for spoilt in (text + "x\n", text.replace("\n5\n", "\n05\n"), text[:-1], text.replace("=", "")):
        with pytest.raises(ValueError, match="checkpoint"):
            Checkpoint.parse(spoilt)


def test_a_fingerprint_is_twelve_groups_of_five_digits() -> None:
    groups = promised(lines()).fingerprint().split(" ")
    assert [len(group) for group in groups] == [5] * 12
    assert promised(lines(4)).fingerprint() != promised(lines()).fingerprint()


@pytest.mark.parametrize("state", State)
def test_a_record_reads_back_as_it_was_written(state: State) -> None:
    record = a_record(state, original=Original.DELETED)
    assert from_plain(json.loads(json.dumps(to_plain(record)))) == record


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_canonical_json_has_one_text(value: JsonValue) -> None:
    try:
        text = encode(value)
    except ValueError:
        return  # a lone surrogate
    assert encode(decode(text)) == text


@pytest.mark.parametrize("text", [b"1.0", b'{"b":1,"a":2}', b"[1, 2]", b'{"a":1,"a":1}', b"\xff"])
def test_json_that_is_not_canonical_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="canonical"):
        decode(text)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        Entry(
            id="a",
            kind=EntryKind.SITE_CREATED,
            at=datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None),
            body={"vault": "v" * 26},
        )
