# SPDX-License-Identifier: Apache-2.0
"""Every ledger of a school: this computer's own, and the copies of the others in the vault.

Own entries count as they stand here; a copy counts when its checkpoint is signed by the office or
by a computer on the school's list. A copy that nobody known has signed is a stranger: it is named
and its entries count for nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.adapters.ledger import Ledger
from agent.adapters.ledger_copies import LedgerCopy, ledger_copies
from agent.bootstrap import Site, clock_of, open_ledger
from agent.core.checkpoint import Checkpoint
from agent.core.fingerprints import find_state, root_at, typed_digits, witnessed
from agent.core.ledger_audit import LedgerAudit, audit_ledger
from agent.core.ledger_lines import Line
from agent.core.report_entries import checked_entry, witnessed_entry
from agent.seal.errors import SealError
from agent.seal.notes import SignedNote, Verifier, verify
from agent.site import new_id
from agent.stations import office_list

LEDGERS = "ledgers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One ledger to read: its name, its lines from the start, what it claims, signed or not."""

    name: str
    lines: Callable[[], Iterator[bytes]]
    claim: Checkpoint
    note: bytes
    signed: bool

    def audit(
        self, *older: Checkpoint, visit: Callable[[Line], None] = lambda _line: None
    ) -> LedgerAudit:
        """Check it from its lines; `visit` is given each sound entry."""
        return audit_ledger(self.lines(), self.claim, *older, visit=visit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What came of looking for a fingerprint: in which ledger, at which size, and what it covers.

    `others` are the other ledgers that this state names; `broken` those of them that no longer
    begin with what it says of them.
    """

    ledger: str
    size: int
    others: int = 0
    broken: tuple[str, ...] = ()


def books_of(site: Site, ledger: Ledger) -> list[Book]:
    """Return this computer's ledger first, then every copy in the vault that is another's.

    Raises:
        UnavailableError: the vault is away.
    """
    known = known_keys(site)
    note = ledger.checkpoint()
    own = Book(
        name=site.station.station, lines=ledger.lines, claim=ledger.claim(), note=note, signed=True
    )
    copies = ledger_copies(site.vault_folder / LEDGERS)
    return [own, *(book_of(copy, known) for copy in copies if copy.name != own.name)]


def known_keys(site: Site) -> list[Verifier]:
    """Return whose signature counts: this computer, the office, every station it ever enrolled."""
    enrolled = [Verifier.parse(station.verifier) for station in office_list(site).enrolled()]
    return list(dict.fromkeys([site.station_verifier, site.office_verifier, *enrolled]))


def book_of(copy: LedgerCopy, known: Sequence[Verifier]) -> Book:
    """Return a copy as a ledger to read; one without a readable checkpoint claims to be empty."""
    note, signed = copy.note(), True
    try:
        text = verify(note, known)
    except SealError:
        signed, text = False, _text_of(note)
    try:
        claim = Checkpoint.parse(text)
    except ValueError:
        signed, claim = False, Checkpoint(origin=copy.name, size=0, root=bytes(32))
    return Book(name=copy.name, lines=copy.lines, claim=claim, note=note, signed=signed)


def witness(ledger: Ledger, books: Sequence[Book], site: Site) -> Checkpoint:
    """Write into this computer's ledger how every other one stands, and return its own state.

    Only what was audited may be given: a fingerprint of the state that is returned covers them all.
    """
    at = clock_of(site).now().at
    told = witnessed(ledger.lines(), ledger.size())
    news = [book for book in books if told.get(book.name) != (book.claim.size, book.claim.root)]
    ledger.append([witnessed_entry(new_id(), book.name, book.claim, at) for book in news])
    return ledger.claim()


def find_fingerprint(books: Sequence[Book], typed: str) -> Search | None:
    """Look for a fingerprint in every ledger, and at what its state says of the others.

    Raises:
        ValueError: what was typed is no fingerprint.
    """
    digits = typed_digits(typed)
    for book in books:
        state = find_state(book.lines(), book.claim.origin, digits)
        if state is not None:
            named = witnessed(book.lines(), state.size)
            broken = tuple(name for name in named if not _still_begins(books, name, *named[name]))
            return Search(ledger=book.name, size=state.size, others=len(named), broken=broken)
    return None


def record_check(site: Site, search: Search | None) -> None:
    """Write down that a fingerprint was typed, and whether it was found whole."""
    found = search.size if search is not None and not search.broken else None
    with open_ledger(site) as ledger:
        ledger.append([checked_entry(new_id(), found, clock_of(site).now().at)])


def export(books: Sequence[Book], verifiers: Sequence[Verifier], folder: Path) -> int:
    """Write every ledger into a folder that the stand-alone checker reads; return the entries.

    Raises:
        OSError: the folder cannot be written, or files of that name are there.
    """
    entries = 0
    for book in books:
        place = folder / LEDGERS / book.name
        (place / "entries").mkdir(parents=True)
        with (place / "entries" / "0000000000.jsonl").open("xb") as target:
            for line in book.lines():
                target.write(line + b"\n")
                entries += 1
        (place / "checkpoint").write_bytes(book.note)
    keys = "".join(f"{verifier}\n" for verifier in verifiers)
    (folder / "keys.txt").write_text(keys, encoding="utf-8", newline="\n")
    return entries


def _still_begins(books: Sequence[Book], name: str, size: int, root: bytes) -> bool:
    for book in books:
        if book.name == name:
            return root_at(book.lines(), size) == root
    return False


def _text_of(note: bytes) -> str:
    try:
        return SignedNote.parse(note).text
    except SealError:
        return ""
