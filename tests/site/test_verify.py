# SPDX-License-Identifier: Apache-2.0
"""`verify` sees every single thing that is spoilt, without any private key."""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent import site as layout
from agent.adapters.journal import Journal
from agent.core.case import State
from tests.site.conftest import School, picture


@pytest.fixture
def stored(a_school: School) -> School:
    for scene in (1, 2, 3):
        a_school.drop(f"camera-1/3B/{scene}.JPG", picture(scene))
    a_school.process()
    return a_school


def test_a_sound_vault_is_sound_without_any_private_key(stored: School) -> None:
    for name in ("office", "keys"):
        shutil.rmtree(stored.folder / name)
    done = stored.run("verify", "--json")
    assert done.code == 0, done.err
    (found,) = done.lines
    assert (found["objects"], found["sound"], found["faults"]) == (3, 3, [])


def flip(path: Path, at: int = -1) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def first(folder: Path, pattern: str) -> Path:
    return min(folder.glob(pattern))


def exchange(vault: Path) -> None:
    one, other, *_ = sorted(vault.glob("bodies/*/*"))
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)


def cut_copy(vault: Path) -> None:
    path = first(vault, "ledgers/*/entries/*.jsonl")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def edit_copy(vault: Path) -> None:
    path = first(vault, "ledgers/*/entries/*.jsonl")
    path.write_bytes(path.read_bytes().replace(b'"KEEP"', b'"HOLD"', 1))


SPOILT: dict[str, Callable[[Path], None]] = {
    "a flipped bit in a body": lambda vault: flip(first(vault, "bodies/*/*")),
    "a flipped bit in slip a": lambda vault: flip(first(vault, "slips/a/*/*"), 40),
    "a flipped bit in slip b": lambda vault: flip(first(vault, "slips/b/*/*"), 40),
    "a body gone": lambda vault: first(vault, "bodies/*/*").unlink(),
    "a slip gone": lambda vault: first(vault, "slips/a/*/*").unlink(),
    "two bodies exchanged": exchange,
    "the ledger's copy edited": edit_copy,
    "the ledger's copy cut": cut_copy,
    "the ledger's copy gone": lambda vault: shutil.rmtree(vault / "ledgers"),
    "the checkpoint changed": lambda vault: flip(first(vault, "ledgers/*/checkpoint"), -10),
}


@pytest.mark.parametrize("what", SPOILT)
def test_one_spoilt_thing_in_the_vault_is_seen(stored: School, what: str) -> None:
    SPOILT[what](stored.vault)
    done = stored.run("verify", "--json")
    assert done.code == 4
    assert done.lines[0]["faults"]


@pytest.mark.parametrize(
    ("trigger", "statement"),
    [
        ("entries_stay", "UPDATE entries SET line = CAST(replace(line, 'KEEP', 'HOLD') AS BLOB)"),
        ("entries_remain", "DELETE FROM entries WHERE number = (SELECT max(number) FROM entries)"),
        ("entries_remain", "DELETE FROM entries WHERE number = 1"),
    ],
)
def test_a_rewritten_ledger_on_this_computer_is_seen(
    stored: School, trigger: str, statement: str
) -> None:
    database = sqlite3.connect(stored.folder / "state" / "ledger.sqlite")
    with pytest.raises(sqlite3.Error, match="ledger entries never"):
        database.execute(statement)
    database.execute(f"DROP TRIGGER {trigger}")
    database.execute(statement)
    database.commit()
    database.close()
    assert stored.run("verify").code == 4


def test_a_stray_body_is_counted_and_is_no_fault(stored: School) -> None:
    stray = first(stored.vault, "bodies/*/*").with_name("z" * 26)
    stray.write_bytes(b"noise")
    (found,) = stored.run("verify", "--json").lines
    assert (found["unlisted"], found["faults"]) == (1, [])


def test_opening_a_damaged_picture_gives_no_file(stored: School) -> None:
    case = stored.run("cases", "--json").lines[0]["case"]
    for body in stored.vault.glob("bodies/*/*"):
        flip(body)
    out = stored.base / "out.jpg"
    done = stored.run(
        *("open", case, "--out", str(out)),
        *("--identity", str(stored.folder / "office/office-identity.age")),
        *("--passphrase-file", str(stored.base / "passphrase")),
    )
    assert done.code == 4
    assert not out.exists()


def test_an_erasure_under_way_is_no_fault(stored: School) -> None:
    """Its slips go before the ledger says so; that is told, and anything else is a fault."""
    with Journal(stored.folder / layout.JOURNAL) as journal:
        one, other, _ = journal.all()
        journal.put([replace(one, state=State.ERASING)])
    for record in (one, other):
        for slip in stored.vault.glob(f"slips/*/*/{record.object}"):
            slip.unlink()
    done = stored.run("verify", "--json")
    (found,) = done.lines
    assert (done.code, found["objects"], found["sound"], found["erasing"]) == (4, 2, 1, 1)
    assert [fault.split()[1].rstrip(":") for fault in found["faults"]] == [other.object]
