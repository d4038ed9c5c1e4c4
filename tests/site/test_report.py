# SPDX-License-Identifier: Apache-2.0
"""The governors' report over a real site: it reconciles, tells nobody's name, and is kept."""

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from agent import bootstrap
from agent.core.canonical import encode
from agent.core.errors import ConfigurationError, IntegrityError
from agent.core.ledger import EntryKind
from agent.core.ledger_lines import Line, read_line
from agent.core.summary.model import published_figures
from agent.core.summary.numbers import Exact
from agent.demo import school
from agent.seal.notes import Signer
from agent.site import OFFICE_SIGNER
from service.ledger.commands import ledger
from service.report import archive
from service.report.commands import report
from service.report.making import approve_report, approved_digests, make_report
from service.report.printing import Printing
from tests.shared import REPOSITORY
from tests.site.conftest import School, make_site, picture
from tests.site.reports import other_ledger, record_pictures, write_terms

PLAIN = Printing(pdf=False)
CANARIES = ("Quillonia", "Zanzibarra", "XK77CANARY42", "K123456789012", "CanaryModel", "3B")


def entries(site: bootstrap.Site) -> list[Line]:
    with bootstrap.open_ledger(site, read_only=True) as opened:
        return [read_line(line) for line in opened.lines()]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a published register and fourteen decisions in its ledger, made once."""
    folder = make_site(tmp_path_factory.mktemp("made"))
    published = School(folder, folder.parent).publish()
    assert published.code == 0, published.err
    record_pictures(bootstrap.load_site(folder), kept=6, held=8)
    write_terms(folder, date.today())
    return folder


@pytest.fixture
def busy(made: Path, tmp_path: Path) -> bootstrap.Site:
    """A copy of that site."""
    shutil.copytree(made, tmp_path / "site")
    return bootstrap.load_site(tmp_path / "site")


def test_the_figures_reconcile_with_the_ledger(busy: bootstrap.Site) -> None:
    model = make_report(busy, "Now", PLAIN).model
    decided = [line for line in entries(busy) if line.kind == "photo.decided"]
    kept = sum(line.body["verdict"] == "KEEP" for line in decided)
    shown = published_figures(model)["Now"]
    assert (len(decided), kept) == (14, 6)
    assert (shown["pictures"], shown["kept"], shown["held"]) == (Exact(14), Exact(6), Exact(8))


def test_the_ledger_holds_the_digests_of_what_was_made(busy: bootstrap.Site) -> None:
    kept = make_report(busy, "Now", Printing())
    made = entries(busy)[-1]
    assert made.kind == EntryKind.REPORT_MADE.code
    for field, name in (("report", "report.json"), ("html", "report.html"), ("pdf", "report.pdf")):
        digest = hashlib.sha256((kept.folder / name).read_bytes()).hexdigest()
        assert made.body[field] == digest


def test_the_fingerprint_is_of_the_state_before_the_report(busy: bootstrap.Site) -> None:
    kept = make_report(busy, "Now", PLAIN)
    made = entries(busy)[-1]
    assert made.body["entries"] == len(entries(busy)) - 1
    assert len(str(kept.model["trust"]["fingerprint"]).split()) == 12


def test_a_report_is_a_draft_until_it_is_approved(busy: bootstrap.Site) -> None:
    kept = make_report(busy, "Now", PLAIN)
    assert b"Draft" in (kept.folder / "report.html").read_bytes()
    approve_report(busy, kept.id, "h" * 26, PLAIN)
    page = (kept.folder / "report.html").read_bytes()
    assert b"Draft" not in page
    assert b"Approved by the headteacher" in page
    assert entries(busy)[-1].body["by"] == "h" * 26
    assert approved_digests(busy) == {kept.digest}


def test_approving_again_prints_the_same_and_records_nothing(busy: bootstrap.Site) -> None:
    kept = make_report(busy, "Now", PLAIN)
    approve_report(busy, kept.id, None, PLAIN)
    page, count = (kept.folder / "report.html").read_bytes(), len(entries(busy))
    (kept.folder / "report.html").write_bytes(b"a power cut left the draft")
    approve_report(busy, kept.id, None, PLAIN)
    assert (kept.folder / "report.html").read_bytes() == page
    assert len(entries(busy)) == count


def test_a_report_that_the_ledger_does_not_know_cannot_be_approved(busy: bootstrap.Site) -> None:
    kept = make_report(busy, "Now", PLAIN)
    model = {**kept.model, "school": "Elsewhere"}
    printed = archive.Printed(html=b"", pdf=None)
    other = archive.keep(busy.folder, model, printed, kept.made)
    with pytest.raises(ConfigurationError, match="does not know"):
        approve_report(busy, other.id, None, PLAIN)


def test_one_report_a_term_is_approved_and_in_their_order(busy: bootstrap.Site) -> None:
    before, first = make_report(busy, "Before", PLAIN), make_report(busy, "Now", PLAIN)
    second = make_report(busy, "Now", PLAIN)
    approve_report(busy, second.id, None, PLAIN)
    for late in (first, before):
        with pytest.raises(ConfigurationError, match="approved already"):
            approve_report(busy, late.id, None, PLAIN)
    assert approved_digests(busy) == {second.digest}


def test_a_report_that_was_changed_is_refused(busy: bootstrap.Site) -> None:
    kept = make_report(busy, "Now", PLAIN)
    path = kept.folder / "report.json"
    path.write_bytes(path.read_bytes().replace(b"Larkfield", b"Larkfell"))
    with pytest.raises(IntegrityError, match="changed"):
        list(archive.kept_reports(busy.folder))


def test_what_was_approved_stays_and_what_came_later_is_of_the_next_term(
    busy: bootstrap.Site,
) -> None:
    kept = make_report(busy, "Now", PLAIN)
    approve_report(busy, kept.id, None, PLAIN)
    until = str(kept.model["until"])
    record_pictures(busy, kept=7, held=0, start=500)
    again = make_report(busy, "Now", PLAIN)
    assert again.model["until"] == until
    assert published_figures(again.model)["Now"]["pictures"] == Exact(14)


def test_what_was_witnessed_once_is_not_witnessed_again(busy: bootstrap.Site) -> None:
    office = Signer.parse((busy.folder / OFFICE_SIGNER).read_text("utf-8"))
    other_ledger(busy, f"office-{'o' * 26}", office)
    make_report(busy, "Now", PLAIN)
    make_report(busy, "Now", PLAIN)
    kinds = [line.kind for line in entries(busy)]
    assert kinds.count(EntryKind.LEDGER_WITNESSED.code) == 1
    assert kinds.count(EntryKind.REPORT_MADE.code) == 2


def test_the_next_report_shows_the_last_ones_fingerprint(busy: bootstrap.Site) -> None:
    first = make_report(busy, "Before", PLAIN)
    approve_report(busy, first.id, None, PLAIN)
    second = make_report(busy, "Now", PLAIN)
    earlier: Any = second.model["trust"]["earlier"]
    assert earlier["fingerprint"] == first.model["trust"]["fingerprint"]
    assert earlier["still_there"] is True


def test_every_computers_ledger_counts_and_a_strangers_does_not(busy: bootstrap.Site) -> None:
    office = Signer.parse((busy.folder / OFFICE_SIGNER).read_text("utf-8"))
    other_ledger(busy, f"office-{'o' * 26}", office)
    other_ledger(busy, "s" * 26, Signer.generate("stranger"))
    model = make_report(busy, "Now", PLAIN).model
    assert [row[0].partition(" (")[0] for row in model["ledgers"]] == [
        "Computer 1",
        "Office console",
    ]
    assert "ledger.stranger" in [one["rule"] for one in model["in_short"]]
    named = [line for line in entries(busy) if line.kind == EntryKind.LEDGER_WITNESSED.code]
    assert [(line.body["ledger"], line.body["entries"]) for line in named] == [
        (f"office-{'o' * 26}", 3)
    ]


def test_a_small_school_gives_no_count_before_the_year_is_over(busy: bootstrap.Site) -> None:
    write_terms(busy.folder, date.today(), small=50)
    assert make_report(busy, "Now", PLAIN).model["figures"] == {}
    write_terms(busy.folder, date.today(), small=50, closes=True)
    model = make_report(busy, "Now", PLAIN).model
    assert published_figures(model)["Year to Now"]["kept"] == Exact(6)


def test_a_year_is_not_told_as_a_whole_where_a_term_of_it_was(busy: bootstrap.Site) -> None:
    """The school shrank: the year less the term that was published would be a small rest."""
    approve_report(busy, make_report(busy, "Before", PLAIN).id, None, PLAIN)
    write_terms(busy.folder, date.today(), small=50, closes=True)
    model = make_report(busy, "Now", PLAIN).model
    assert (model["yearly"], model["figures"]) == (True, {})


def test_a_term_that_nobody_configured_is_refused(busy: bootstrap.Site) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make_report(busy, "Michaelmas", PLAIN)
    assert '"Before", "Now"' in caught.value.remedy


def test_absent_settings_are_written_with_comments_and_asked_for(busy: bootstrap.Site) -> None:
    (busy.folder / "report.toml").unlink()
    with pytest.raises(ConfigurationError, match="has been written"):
        make_report(busy, "Autumn 2026", PLAIN)
    shipped = REPOSITORY / "config" / "report.toml"
    assert (busy.folder / "report.toml").read_bytes() == shipped.read_bytes()


def canary_rows() -> list[dict[str, str]]:
    rows = school.register_rows(date.today())
    for row in rows:
        if row.get("reference") == "P01":
            row |= {"given_name": "Quillonia", "family_name": "Zanzibarra"}
    return rows


def test_no_name_no_file_name_no_day_of_a_child_is_in_any_output(a_school: School) -> None:
    assert a_school.publish(canary_rows()).code == 0
    a_school.drop(
        "camera-1/3B/Quillonia Zanzibarra.JPG", picture(1, faces=("Quillonia Zanzibarra",))
    )
    a_school.drop("camera-1/3B/XK77CANARY42.JPG", b"K123456789012")
    a_school.process()
    write_terms(a_school.folder, date.today())
    out = a_school.base / "out"
    told = run(a_school, report, "--term", "Now", "--out", str(out), "--check-storage", "--json")
    export = a_school.base / "export"
    told += run(a_school, ledger, "export", "--out", str(export))
    told += run(a_school, ledger, "verify", "--json")
    files = [path for folder in (out, export) for path in folder.rglob("*") if path.is_file()]
    assert len(files) >= 3 + 4
    written = b"\n".join(path.name.encode() + path.read_bytes() for path in files) + told
    for canary in CANARIES[:5]:
        for spelling in (canary.encode(), canary.encode("utf-16-be"), canary.lower().encode()):
            assert spelling not in written, canary
    text = (out / "photo-report-now.json").read_text("utf-8")
    given = date.fromisoformat(school.register_rows(date.today())[-1]["given_on"])
    assert given.isoformat() not in text
    assert "P01" not in text


def run(a_school: School, command: click.Command, *words: str) -> bytes:
    result = CliRunner().invoke(command, [*words, "--site", str(a_school.folder)])
    if result.exception is not None:
        raise result.exception
    assert result.exit_code == 0
    return result.output.encode()


def test_the_files_are_the_kept_ones_and_large_print_is_another(
    busy: bootstrap.Site, tmp_path: Path
) -> None:
    a_school = School(busy.folder, tmp_path)
    out = a_school.base / "out"
    told = json.loads(run(a_school, report, "--term", "Now", "--out", str(out), "--json"))
    assert [Path(name).suffix for name in told["files"]] == [".html", ".pdf", ".json"]
    assert (
        told["sha256"] == hashlib.sha256((out / "photo-report-now.json").read_bytes()).hexdigest()
    )
    model = json.loads((out / "photo-report-now.json").read_text("utf-8"))
    assert encode(model) == (out / "photo-report-now.json").read_bytes()
    large = a_school.base / "large"
    run(a_school, report, "--term", "Now", "--out", str(large), "--large-print", "--html-only")
    assert sorted(path.suffix for path in large.iterdir()) == [".html", ".json"]
    assert b'<body class="large">' in (large / "photo-report-now.html").read_bytes()
