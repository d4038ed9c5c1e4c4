# SPDX-License-Identifier: Apache-2.0
"""Terms around today for a site of the tests, so that the report means the same in any year."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from agent import bootstrap
from agent.adapters.ledger import Ledger
from agent.bootstrap import Site
from agent.core.concerns import Concern, Verdict
from agent.core.entries import stored_entries
from agent.core.ledger import Entry, EntryKind
from agent.core.model import CaseId, ObjectId
from agent.ledgers import LEDGERS
from agent.seal.notes import Signer, sign
from tests.builders import NOW, a_record

_TERM = """\
[[term]]
name = "{name}"
first = {first}
last = {last}
closes_year = {closes}
complaints = {{ received = 0, in_time = 0 }}
requests = {{ received = 0, in_time = 0 }}
"""
_HEAD = """\
prepared_by = "School office"
reviewed_by = "the headteacher"
small_school = {small}
[dates]
restore_worked = false
[training]
trained = 1
staff = 2
"""


def write_terms(folder: Path, today: date, *, small: int = 0, closes: bool = False) -> None:
    """Write report.toml: "Before", which ended yesterday, and "Now", which began today."""
    first = today - timedelta(days=60)
    terms = (
        ("Before", first, today - timedelta(days=1), "false"),
        ("Now", today, today + timedelta(days=60), str(closes).lower()),
    )
    text = _HEAD.format(small=small) + "".join(
        _TERM.format(name=name, first=begins, last=ends, closes=closing)
        for name, begins, ends, closing in terms
    )
    (folder / "report.toml").write_text(text, encoding="utf-8")


def record_pictures(site: Site, kept: int, held: int, start: int = 0) -> None:
    """Write decisions about so many pictures into the site's ledger, as of now."""
    at = bootstrap.clock_of(site).now().at
    with bootstrap.open_ledger(site) as ledger:
        for number in range(start, start + kept + held):
            letters = ("".join("abcdefghij"[int(digit)] for digit in str(number)) + "z" * 26)[:26]
            record = a_record(case=CaseId(letters), object=ObjectId(letters))
            is_kept = number < start + kept
            ruling = replace(
                record.ruling,
                verdict=Verdict.KEEP if is_kept else Verdict.HOLD,
                concerns=() if is_kept else (Concern.PERMISSION_REFUSED,),
                decided_at=at,
            )
            ledger.append(stored_entries(replace(record, ruling=ruling, stored_at=at)))


def other_ledger(site: Site, name: str, signer: Signer, count: int = 3) -> None:
    """Put another computer's ledger into the vault, as its own agent would."""

    def entry(number: int) -> Entry:
        body = {"vault": "v" * 26}
        return Entry(id=f"x.{number}", kind=EntryKind.SITE_CREATED, at=NOW, body=body)

    scratch = site.folder.parent / f"{name}.sqlite"
    with Ledger(scratch, f"photowarden/{name}", lambda text: sign(text, signer)) as ledger:
        ledger.append([entry(number) for number in range(ledger.size(), count)])
        files = {**ledger.unpublished()[0]}
    for place, content in files.items():
        path = site.vault_folder / LEDGERS / name / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
