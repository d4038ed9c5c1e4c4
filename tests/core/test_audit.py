# SPDX-License-Identifier: Apache-2.0
"""The edges of checkpoint and audit: what is signed and still wrong, and what is said of it."""

import base64
import hashlib
import tracemalloc

import pytest

from agent.core.canonical import JsonValue, decode, encode
from agent.core.checkpoint import Checkpoint
from agent.core.entries import stored_entries
from agent.core.ledger import Entry, EntryKind, decode_entry
from agent.core.ledger_audit import LedgerAudit, audit_ledger
from agent.core.merkle import EMPTY_ROOT, frontier_of, leaf_hash
from tests.builders import CASE, NOW, a_record

ROOT = base64.b64encode(bytes(32)).decode()
SHORT_ROOT = base64.b64encode(bytes(31)).decode()


def line(name: str) -> bytes:
    return Entry(id=name, kind=EntryKind.SITE_CREATED, at=NOW, body={"vault": "v" * 26}).encoded()


def signed(lines: list[bytes]) -> Checkpoint:
    root = frontier_of(map(leaf_hash, lines)).root()
    return Checkpoint(origin="here", size=len(lines), root=root)


def audited(lines: list[bytes]) -> tuple[LedgerAudit, list[str]]:
    ids: list[str] = []
    audit = audit_ledger(lines, signed(lines), visit=lambda entry: ids.append(entry.id))
    return audit, ids


def test_an_audit_returns_the_entries_in_order() -> None:
    lines = [line("b"), line("a")]
    audit, ids = audited(lines)
    assert (ids, audit.entries) == (["b", "a"], 2)


def test_a_signed_entry_that_does_not_read_is_named_and_left_out() -> None:
    lines = [b"{}", line("a")]
    audit, ids = audited(lines)
    assert audit.faults == ("entry 0: not a ledger entry",)
    assert ids == ["a"]


def test_a_signed_entry_that_stands_there_twice_is_named() -> None:
    lines = [line("a"), line("a")]
    audit, ids = audited(lines)
    assert audit.faults == ("entry 1: its id stands in the ledger already",)
    assert (ids, audit.entries) == (["a"], 1)


def test_an_empty_beginning_is_consistent_with_every_ledger() -> None:
    empty = Checkpoint(origin="here", size=0, root=EMPTY_ROOT)
    assert audit_ledger([line("a")], signed([line("a")]), empty).sound


@pytest.mark.parametrize(
    "text",
    [
        "here\n",
        "here\n5\n",
        f"here\nfive\n{ROOT}\n",
        "here\n5\n=\n",
        f"here\n5\n{SHORT_ROOT}\n",
        f"\n5\n{ROOT}\n",
        f"here\n5\n{ROOT}\nmore",
        f"here\n5\n{ROOT}\nmore\n",
    ],
)
def test_a_text_of_another_shape_is_no_checkpoint(text: str) -> None:
    with pytest.raises(ValueError, match="checkpoint"):
        Checkpoint.parse(text)


def test_the_fingerprint_is_the_digest_modulo_ten_to_the_sixtieth() -> None:
    checkpoint = Checkpoint(origin="here", size=5, root=bytes(32))
    digest = hashlib.sha256(f"here\n5\n{ROOT}\n".encode()).hexdigest()
    assert checkpoint.fingerprint().replace(" ", "") == str(int(digest, 16))[-60:]


GOOD_LINE = Entry(id="a", kind=EntryKind.SITE_CREATED, at=NOW, body={"vault": "v" * 26}).encoded()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", 5),
        ("at", "2026-11-23T12:00:0Z"),
        ("body", []),
        ("body", "vault"),
        ("id", 5),
        ("kind", 5),
        ("kind", []),
        ("kind", "site.destroyed"),
    ],
)
def test_a_line_with_one_strange_value_is_no_entry(field: str, value: JsonValue) -> None:
    plain = decode(GOOD_LINE)
    assert isinstance(plain, dict)
    with pytest.raises(ValueError):  # noqa: PT011 - which words depends on the value
        decode_entry(encode({**plain, field: value}))


@pytest.mark.parametrize("line", [b"[]", b"5", b'"at"', b'["at","body","id","kind"]'])
def test_a_line_that_is_no_object_is_no_entry(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"entry|fields"):
        decode_entry(line)


def test_what_may_be_absent_may_be_absent_and_nothing_else() -> None:
    decided = stored_entries(a_record())[0]
    for field in decided.body:
        body = {**decided.body, field: None}
        if field in {"register", "register_version", "refusal", "device", "faces", "parent"}:
            Entry(id="a", kind=decided.kind, at=NOW, body=body)
        else:
            with pytest.raises(ValueError, match="another shape"):
                Entry(id="a", kind=decided.kind, at=NOW, body=body)


@pytest.mark.parametrize("value", [-1, True, "1", [1], 1.0])
def test_a_count_is_a_whole_number_from_nothing_up(value: object) -> None:
    with pytest.raises(ValueError, match="another shape"):
        a_duplicate(value)
    assert a_duplicate(0).body["arrivals"] == 0


def a_duplicate(arrivals: object) -> Entry:
    body = {"case": CASE, "arrivals": arrivals}
    return Entry(id="a", kind=EntryKind.PHOTO_DUPLICATE, at=NOW, body=body)


def test_a_list_is_a_list() -> None:
    decided = stored_entries(a_record())[0]
    for value in ("abc", 5, {"a": 1}, None):
        with pytest.raises(ValueError, match="another shape"):
            Entry(id="a", kind=decided.kind, at=NOW, body={**decided.body, "rosters": value})


def test_every_one_of_many_older_checkpoints_counts() -> None:
    lines = [line(name) for name in "abcdef"]
    older = [signed(lines[:size]) for size in (0, 1, 3, 6)]
    assert audit_ledger(lines, signed(lines), *older).sound
    wrong = Checkpoint(origin="here", size=3, root=bytes(32))
    assert audit_ledger(lines, signed(lines), *older, wrong, None).faults == (
        "the 3 entries of a signed checkpoint are not the ones here",
    )


def test_an_audit_keeps_little_of_each_entry() -> None:
    """A million entries must fit: what is held after twice as many grows by less than 200 bytes."""

    def held(count: int) -> int:
        lines = (line(f"a{number}") for number in range(count))
        tracemalloc.start()
        audit_ledger(lines, Checkpoint(origin="here", size=0, root=EMPTY_ROOT))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert (held(4000) - held(2000)) / 2000 < 200
