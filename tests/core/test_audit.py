# SPDX-License-Identifier: Apache-2.0
"""The edges of checkpoint and audit: what is signed and still wrong, and what is said of it."""

import base64
import hashlib

import pytest

from agent.core.checkpoint import Checkpoint
from agent.core.ledger import Entry, EntryKind
from agent.core.ledger_audit import audit_ledger
from agent.core.merkle import EMPTY_ROOT, frontier_of, leaf_hash
from tests.builders import NOW

ROOT = base64.b64encode(bytes(32)).decode()
SHORT_ROOT = base64.b64encode(bytes(31)).decode()


def line(name: str) -> bytes:
    return Entry(id=name, kind=EntryKind.SITE_CREATED, at=NOW, body={"vault": "v" * 26}).encoded()


def signed(lines: list[bytes]) -> Checkpoint:
    root = frontier_of(map(leaf_hash, lines)).root()
    return Checkpoint(origin="here", size=len(lines), root=root)


def test_an_audit_returns_the_entries_in_order() -> None:
    lines = [line("b"), line("a")]
    assert [entry.id for entry in audit_ledger(lines, signed(lines)).entries] == ["b", "a"]


def test_a_signed_entry_that_does_not_read_is_named_and_left_out() -> None:
    lines = [b"{}", line("a")]
    audit = audit_ledger(lines, signed(lines))
    assert audit.faults == ("entry 0: not a ledger entry",)
    assert [entry.id for entry in audit.entries] == ["a"]


def test_a_signed_entry_that_stands_there_twice_is_named() -> None:
    lines = [line("a"), line("a")]
    audit = audit_ledger(lines, signed(lines))
    assert audit.faults == ("entry 1: its id stands in the ledger already",)


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
