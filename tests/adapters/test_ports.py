# SPDX-License-Identifier: Apache-2.0
"""One suite for each port, run on the real adapter and on the one in memory that tests rely on."""

import hashlib
import io
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.adapters.journal import Journal
from agent.adapters.ledger import SEGMENT, Ledger
from agent.adapters.vault import FolderVault
from agent.core.case import Original, Proof, Record, State
from agent.core.checkpoint import Checkpoint
from agent.core.concerns import Concern, Verdict
from agent.core.errors import ConfigurationError, IntegrityError, UnavailableError
from agent.core.ledger import Entry, EntryKind
from agent.core.ledger_audit import audit_ledger
from agent.core.model import CaseId, ObjectId
from agent.core.reviewing import Review
from agent.core.vault_marker import MARKER, marker_text
from agent.ports import Journal as JournalPort
from agent.ports import Ledger as LedgerPort
from agent.ports import Vault as VaultPort
from agent.seal.notes import Signer, sign
from tests.builders import NOW, a_record
from tests.memory import MemoryJournal, MemoryLedger, MemoryVault, Power, World

VAULT = "v" * 26
STATION = "s" * 26
OBJECT = ObjectId("o" * 26)
BODY, SLIP = b"body" * 1000, b"slip"
PROOF = Proof(
    body_sha256=hashlib.sha256(BODY).hexdigest(),
    body_size=len(BODY),
    slip_sha256=hashlib.sha256(SLIP).hexdigest(),
)
OFFICE = Signer.generate("office")


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JournalPort]:
    if request.param == "memory":
        yield MemoryJournal(World(), Power())
    else:
        with Journal(tmp_path / "journal.sqlite") as real:
            yield real


def numbered(number: int, state: State = State.SEALED, **changes: object) -> Record:
    letter = "abcdefghij"[number]
    source = replace(a_record().source, number=number)
    return a_record(state, case=CaseId(letter * 26), source=source, **changes)


def test_a_case_is_found_as_it_was_put(journal: JournalPort) -> None:
    journal.put([numbered(1), numbered(2)])
    assert journal.find(CaseId("b" * 26)) == numbered(1)
    assert journal.find(CaseId("j" * 26)) is None


def test_the_last_word_on_a_case_counts(journal: JournalPort) -> None:
    journal.put([numbered(1)])
    journal.put([numbered(1, State.STORED)])
    assert list(journal.all()) == [numbered(1, State.STORED)]


def test_unfinished_cases_come_oldest_first(journal: JournalPort) -> None:
    journal.put([numbered(3), numbered(1, State.RECORDED), numbered(2, State.DONE)])
    journal.put([numbered(3, State.STORED)])
    assert [r.case[0] for r in journal.unfinished()] == ["d", "b"]


def test_cases_are_counted_by_their_present_verdict(journal: JournalPort) -> None:
    kept = replace(a_record().ruling, verdict=Verdict.KEEP)
    held = replace(kept, verdict=Verdict.HOLD)
    journal.put([numbered(1, ruling=kept), numbered(2, ruling=kept), numbered(3, ruling=held)])
    journal.put([numbered(2, ruling=held)])
    assert journal.verdicts() == {Verdict.KEEP: 1, Verdict.HOLD: 2}


def test_spooled_cases_are_those_with_a_sealed_copy_here(journal: JournalPort) -> None:
    journal.put([numbered(1), numbered(2, State.DONE, spooled=False)])
    assert [r.case[0] for r in journal.spooled()] == ["b"]


def test_a_file_left_in_place_is_known_again(journal: JournalPort) -> None:
    left = numbered(1, State.DONE, original=Original.KEPT)
    journal.put([left])
    assert journal.find_source(left.source) == left
    assert journal.find_source(replace(left.source, modified_ns=5)) is None


def test_a_deleted_file_is_not_known(journal: JournalPort) -> None:
    gone = numbered(1, State.DONE, original=Original.DELETED)
    journal.put([gone])
    assert journal.find_source(gone.source) is None


def test_an_unfinished_file_is_not_known_by_its_place(journal: JournalPort) -> None:
    journal.put([numbered(1, State.RECORDED)])
    assert journal.find_source(numbered(1).source) is None


def test_pages_of_cases_follow_one_another_whatever_is_written_meanwhile(
    journal: JournalPort,
) -> None:
    journal.put([numbered(3), numbered(1), numbered(2)])
    first = journal.following(None, 2)
    journal.put([numbered(3, State.STORED)])
    rest = journal.following(first[-1].case, 2)
    assert [r.case[0] for r in (*first, *rest)] == ["d", "b", "c"]
    assert journal.following(rest[-1].case, 2) == []


def test_how_far_a_review_came_is_noted(journal: JournalPort) -> None:
    assert journal.reviewed() is None
    for review in (Review(of="1" * 64, last=CaseId("b" * 26)), Review(of="2" * 64, ended=True)):
        journal.note_reviewed(review)
        assert journal.reviewed() == review


def test_a_file_set_aside_is_known_by_its_identity_alone(journal: JournalPort) -> None:
    source = numbered(1).source
    journal.set_aside([source], CaseId("b" * 26))
    journal.set_aside([source], CaseId("c" * 26))
    assert journal.aside(source) == "c" * 26
    assert journal.aside(replace(source, modified_ns=5)) is None
    assert journal.find_source(source) is None


def test_more_cases_than_a_page_are_all_listed(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite") as journal:
        letters = "abcdefghijklmnopqrstuvwxyz"
        cases = [CaseId((a + b) * 13) for a in letters for b in letters]
        journal.put(a_record(case=case) for case in cases)
        assert len(list(journal.all())) == len(cases)


def test_what_was_put_survives_closing(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite") as journal:
        journal.put([numbered(1)])
    with Journal(tmp_path / "journal.sqlite", read_only=True) as again:
        assert list(again.all()) == [numbered(1)]


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def half() -> Iterator[Record]:
        yield numbered(1)
        raise RuntimeError

    with Journal(tmp_path / "journal.sqlite") as journal:
        with pytest.raises(RuntimeError):
            journal.put(half())
        assert list(journal.all()) == []


def test_a_damaged_record_stops(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal(path) as journal:
        journal.put([numbered(1)])
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("UPDATE cases SET record = '{}'")
    database.close()
    with Journal(path) as journal, pytest.raises(IntegrityError):
        journal.find(CaseId("b" * 26))


def test_a_journal_of_a_newer_program_stops(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    Journal(path).__exit__()
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(IntegrityError) as stopped:
        Journal(path)
    assert stopped.value.code == "journal.version"


def entry(number: int) -> Entry:
    body = {"case": "abcdefghij"[number % 10] * 26, "arrivals": number}
    return Entry(id=f"e{number}", kind=EntryKind.PHOTO_DUPLICATE, at=NOW, body=body)


def real_ledger(folder: Path) -> Ledger:
    return Ledger(folder / "ledger.sqlite", "larkfield", lambda text: sign(text, OFFICE))


@pytest.fixture(params=["memory", "sqlite"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LedgerPort]:
    if request.param == "memory":
        yield MemoryLedger(World(), Power())
    else:
        with real_ledger(tmp_path) as real:
            yield real


def test_an_empty_ledger_has_nothing_to_publish(ledger: LedgerPort) -> None:
    assert ledger.unpublished() == ({}, 0)


def test_repeating_adds_nothing(ledger: LedgerPort) -> None:
    ledger.append([entry(1), entry(2)])
    ledger.append([entry(2), entry(3)])
    assert ledger.unpublished()[1] == 3


def test_an_entry_with_another_content_stops(ledger: LedgerPort) -> None:
    ledger.append([entry(1)])
    with pytest.raises(IntegrityError):
        ledger.append([replace(entry(1), body={"case": "z" * 26, "arrivals": 1})])
    assert ledger.unpublished()[1] == 1


def test_what_is_published_is_not_offered_again(ledger: LedgerPort) -> None:
    ledger.append([entry(1)])
    files, size = ledger.unpublished()
    assert files
    ledger.published(size)
    assert ledger.unpublished() == ({}, 1)


def test_no_statement_changes_an_entry(tmp_path: Path) -> None:
    with real_ledger(tmp_path) as ledger:
        ledger.append([entry(1)])
    database = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    for statement in ("UPDATE entries SET id = 'x'", "DELETE FROM entries"):
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(statement)
    database.close()


def test_a_ledger_with_an_entry_too_few_stops(tmp_path: Path) -> None:
    with real_ledger(tmp_path) as ledger:
        ledger.append([entry(1), entry(2)])
    database = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    database.execute("DROP TRIGGER entries_remain")
    database.execute("DELETE FROM entries WHERE number = 1")
    database.close()
    with pytest.raises(IntegrityError):
        real_ledger(tmp_path)


def test_two_programs_add_to_one_ledger_in_turn(tmp_path: Path) -> None:
    """The office publishes and reports while the daemon runs: neither knows of the other."""
    with real_ledger(tmp_path) as daemon, real_ledger(tmp_path) as office:
        daemon.append([entry(1)])
        office.append([entry(2)])
        daemon.append([entry(2), entry(3)])
        assert audit_ledger(daemon.lines(), daemon.claim()).entries == 3


def test_files_for_the_vault_hold_what_the_checkpoint_promises(tmp_path: Path) -> None:
    with real_ledger(tmp_path) as ledger:
        ledger.append([entry(n) for n in range(SEGMENT + 5)])
        files, size = ledger.unpublished()
        claim = ledger.claim()
    *segments, checkpoint = files
    assert (checkpoint, size) == ("checkpoint", SEGMENT + 5)
    lines = b"".join(files[name] for name in segments).split(b"\n")[:-1]
    assert audit_ledger(lines, claim).faults == ()
    assert Checkpoint.parse(claim.text()) == claim


def test_a_full_segment_never_comes_again(tmp_path: Path) -> None:
    with real_ledger(tmp_path) as ledger:
        ledger.append([entry(n) for n in range(SEGMENT)])
        ledger.published(ledger.unpublished()[1])
        ledger.append([entry(SEGMENT)])
        assert sorted(ledger.unpublished()[0]) == ["checkpoint", f"entries/{SEGMENT:010d}.jsonl"]


def real_vault(folder: Path) -> FolderVault:
    root = folder / "vault"
    for shelf in ("bodies", "slips/a", "slips/b", "ledgers"):
        (root / shelf).mkdir(parents=True, exist_ok=True)
    (root / MARKER).write_bytes(sign(marker_text(VAULT), OFFICE))
    return FolderVault(root, VAULT, OFFICE.verifier(), STATION)


@pytest.fixture(params=["memory", "folder"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> VaultPort:
    return MemoryVault(World(), Power()) if request.param == "memory" else real_vault(tmp_path)


def test_what_was_published_matches(vault: VaultPort) -> None:
    vault.publish(OBJECT, SLIP, io.BytesIO(BODY), PROOF)
    assert vault.matches(OBJECT, PROOF)


def test_what_is_not_there_does_not_match(vault: VaultPort) -> None:
    assert not vault.matches(OBJECT, PROOF)


def test_publishing_again_changes_nothing(vault: VaultPort) -> None:
    for _ in range(2):
        vault.publish(OBJECT, SLIP, io.BytesIO(BODY), PROOF)
    assert vault.matches(OBJECT, PROOF)


def test_another_body_does_not_match(vault: VaultPort) -> None:
    vault.publish(OBJECT, SLIP, io.BytesIO(BODY), PROOF)
    assert not vault.matches(OBJECT, replace(PROOF, body_sha256="0" * 64))


@pytest.mark.parametrize("shelf", ["bodies", "slips/a", "slips/b"])
@pytest.mark.parametrize("spoil", ["flip", "cut", "remove"])
def test_a_spoilt_file_does_not_match(shelf: str, spoil: str, tmp_path: Path) -> None:
    vault = real_vault(tmp_path)
    vault.publish(OBJECT, SLIP, io.BytesIO(BODY), PROOF)
    path = tmp_path / "vault" / shelf / OBJECT[:2] / OBJECT
    content = path.read_bytes()
    if spoil == "remove":
        path.unlink()
    else:
        path.write_bytes(content[:-1] if spoil == "cut" else content[:-1] + b"?")
    assert not vault.matches(OBJECT, PROOF)


def test_a_file_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    vault = real_vault(tmp_path)
    path = tmp_path / "vault" / "bodies" / OBJECT[:2] / OBJECT
    path.parent.mkdir()
    path.write_bytes(b"another")
    with pytest.raises(IntegrityError):
        vault.publish(OBJECT, SLIP, io.BytesIO(BODY), PROOF)
    assert path.read_bytes() == b"another"


def test_what_an_interrupted_writing_left_is_removed(tmp_path: Path) -> None:
    vault, root = real_vault(tmp_path), tmp_path / "vault"
    left = [
        root / "bodies" / OBJECT[:2] / f"{OBJECT}.0badcafe.part",
        root / "ledgers" / STATION / "entries" / "0000000000.jsonl.0badcafe.part",
    ]
    for part in left:
        part.parent.mkdir(parents=True)
        part.write_bytes(b"half")
    vault.publish(OBJECT, SLIP, io.BytesIO(BODY), PROOF)
    vault.put_ledger({"entries/0000000000.jsonl": b"line\n", "checkpoint": b"signed"})
    assert [part for part in left if part.exists()] == []


def test_what_an_interrupted_writing_left_is_no_part_of_the_ledger(tmp_path: Path) -> None:
    vault = real_vault(tmp_path)
    vault.put_ledger({"entries/0000000000.jsonl": b"line\n", "checkpoint": b"signed"})
    entries = tmp_path / "vault" / "ledgers" / STATION / "entries"
    (entries / "0000000000.jsonl.0badcafe.part").write_bytes(b"line\nli")
    lines, checkpoint = vault.ledger_files()
    assert (list(lines), checkpoint) == ([b"line"], b"signed")


def test_a_vault_that_is_away_is_unavailable(tmp_path: Path) -> None:
    vault = real_vault(tmp_path)
    (tmp_path / "vault").rename(tmp_path / "elsewhere")
    with pytest.raises(UnavailableError):
        vault.check()
    with pytest.raises(UnavailableError):
        vault.matches(OBJECT, PROOF)


@pytest.mark.parametrize(
    "marker",
    [
        b"",
        b"{}",
        sign(marker_text("w" * 26), OFFICE),
        sign(marker_text(VAULT), Signer.generate("office")),
    ],
    ids=["empty", "unsigned", "another vault", "another office"],
)
def test_a_vault_without_its_marker_is_not_approved(marker: bytes, tmp_path: Path) -> None:
    vault = real_vault(tmp_path)
    (tmp_path / "vault" / MARKER).write_bytes(marker)
    with pytest.raises(ConfigurationError):
        vault.check()


def test_the_concerns_of_a_record_survive_the_journal(tmp_path: Path) -> None:
    ruling = replace(a_record().ruling, concerns=tuple(Concern))
    with Journal(tmp_path / "journal.sqlite") as journal:
        journal.put([numbered(1, ruling=ruling)])
        found = journal.find(CaseId("b" * 26))
    assert found is not None
    assert found.ruling.concerns == tuple(Concern)
