# SPDX-License-Identifier: Apache-2.0
"""The fast reader of ledger lines accepts exactly what the strict decoder accepts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.act_entries import said_entry
from agent.core.entries import cleared_entry, stored_entries
from agent.core.ledger import Entry, EntryKind, decode_entry
from agent.core.ledger_lines import read_line
from tests.builders import CASE, a_record, a_statement, station_entries

ENTRIES = (
    *stored_entries(a_record(arrivals=2)),
    said_entry(CASE, a_statement()),
    cleared_entry(a_record()),
    *station_entries(),
)


def accepted(line: bytes) -> bool:
    try:
        decode_entry(line)
    except ValueError:
        return False
    return True


def read(line: bytes) -> bool:
    try:
        read_line(line)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.kind.code)
def test_a_line_reads_as_it_decodes(entry: Entry) -> None:
    line = read_line(entry.encoded())
    assert (line.id, line.kind, line.body) == (entry.id, entry.kind.code, entry.body)
    assert line.at == "2026-11-23T12:00:00Z"


@given(
    st.sampled_from(ENTRIES),
    st.integers(0, 700),
    st.sampled_from([*b'09az"\\[]{}:,.- \n', 0, 255]),
    st.sampled_from(["exchange", "insert", "delete"]),
)
def test_one_byte_spoilt_is_judged_alike(entry: Entry, at: int, byte: int, how: str) -> None:
    line = bytearray(entry.encoded())
    at %= len(line)
    line[at : at + (how != "insert")] = b"" if how == "delete" else bytes([byte])
    assert read(bytes(line)) == accepted(bytes(line))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"body_size":10', b'"body_size":9007199254740991'),
        (b'"body_size":10', b'"body_size":9007199254740992'),
        (b'"body_size":10', b'"body_size":1e1'),
        (b'"body_size":10', b'"body_size":010'),
        (b'"body_size":10', b'"body_size":-1'),
        (b'"body_size":10', b'"body_size":true'),
        (b'"body_size":10', b'"body_size":10,"body_size":10'),
        (b"2026-11-23T12", b"2026-02-30T12"),
        (b"2026-11-23T12", b"2026-11-23T25"),
        (b"00Z", b"00+00:00"),
    ],
)
def test_a_strange_value_is_judged_alike(old: bytes, new: bytes) -> None:
    line = ENTRIES[1].encoded()
    assert old in line
    spoilt = line.replace(old, new)
    assert read(spoilt) == accepted(spoilt) == (b"991" in new)


@pytest.mark.parametrize("kind", EntryKind)
def test_no_shape_of_a_field_could_run_over_its_end(kind: EntryKind) -> None:
    """A pattern that takes a quotation mark would make the language of the line another one."""
    for shape in kind.fields.values():
        if shape.pattern is not None:
            for text in ('"', '","', 'a"', "\\", '"' * 26):
                assert not shape.pattern.search(text) or not shape.pattern.fullmatch(text)
