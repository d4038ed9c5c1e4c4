# SPDX-License-Identifier: Apache-2.0
"""The fingerprint on paper: what it catches, what it does not, here and on a governor's laptop.

The table of attacks is the one of the threat model. Whoever holds every key of the site may rewrite
and sign again; the paper in the minutes is what they cannot reach.
"""

import contextlib
import io
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent import bootstrap
from agent.adapters.ledger import Ledger
from agent.core.errors import AgentError
from agent.core.ledger import decode_entry
from agent.core.merkle import Frontier
from agent.ledgers import LEDGERS
from agent.seal.notes import Signer, sign
from agent.site import LEDGER, OFFICE_SIGNER, STATION_SIGNER
from service.ledger import check_ledger
from service.ledger.commands import ledger
from service.report.making import make_report
from service.report.printing import Printing
from tests.site.conftest import Done, make_site
from tests.site.reports import other_ledger, record_pictures, write_terms

OFFICE = "office-" + "o" * 26
Lines = list[bytes]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with two ledgers, a report, and entries after it; the fingerprint beside it."""
    folder = make_site(tmp_path_factory.mktemp("made"))
    site = bootstrap.load_site(folder)
    write_terms(folder, bootstrap.clock_of(site).now().today)
    record_pictures(site, kept=6, held=5)
    other_ledger(site, OFFICE, signer(site, OFFICE_SIGNER), count=3)
    report = make_report(site, "Now", Printing(pdf=False))
    record_pictures(site, kept=2, held=2, start=100)
    other_ledger(site, OFFICE, signer(site, OFFICE_SIGNER), count=5)
    (folder / "paper").write_text(str(report.model["trust"]["fingerprint"]))
    return folder


@pytest.fixture
def site(made: Path, tmp_path: Path) -> bootstrap.Site:
    shutil.copytree(made, tmp_path / "site")
    return bootstrap.load_site(tmp_path / "site")


def signer(site: bootstrap.Site, name: str) -> Signer:
    return Signer.parse((site.folder / name).read_text("utf-8"))


def run(site: bootstrap.Site, *words: str) -> Done:
    """Run one of the commands here, and take its error as the program would."""
    result = CliRunner().invoke(ledger, [*words, "--site", str(site.folder)])
    error = result.exception
    if isinstance(error, AgentError):
        return Done(error.exit_code, result.stdout, str(error))
    if error is not None and not isinstance(error, SystemExit):
        raise error
    return Done(result.exit_code, result.stdout, result.stderr)


def paper(site: bootstrap.Site) -> list[str]:
    return (site.folder / "paper").read_text().split()


def laptop(site: bootstrap.Site) -> Done:
    """Export, and run the checker with the paper's digits as a governor would."""
    out = site.folder.parent / "stick"
    assert run(site, "export", "--out", str(out)).code == 0
    return checked(out, *paper(site))


def checked(out: Path, *digits: str) -> Done:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = check_ledger.main([str(out), *digits])
    return Done(code, said.getvalue(), "")


def lines_of(site: bootstrap.Site) -> Lines:
    with bootstrap.open_ledger(site, read_only=True) as opened:
        return list(opened.lines())


def rewrite(site: bootstrap.Site, lines: Lines) -> None:
    """Make the site's ledger anew from these lines and sign it: the attacker holds every key."""
    path = site.folder / LEDGER
    for stale in path.parent.glob(f"{path.name}*"):
        stale.unlink()
    key = signer(site, STATION_SIGNER)
    with Ledger(path, site.origin, lambda text: sign(text, key)) as made_anew:
        made_anew.append([decode_entry(line) for line in lines])


def edited(lines: Lines, at: int) -> Lines:
    return [
        *lines[:at],
        lines[at].replace(b'"verdict":"HOLD"', b'"verdict":"KEEP"'),
        *lines[at + 1 :],
    ]


def held_before(lines: Lines) -> int:
    return next(n for n, line in enumerate(lines) if b'"verdict":"HOLD"' in line)


def held_after(lines: Lines) -> int:
    return max(n for n, line in enumerate(lines) if b'"verdict":"HOLD"' in line)


def report_at(lines: Lines) -> int:
    return next(n for n, line in enumerate(lines) if b'"kind":"report.made"' in line)


RESIGNED: dict[str, tuple[Callable[[Lines], Lines], bool]] = {
    "untouched": (lambda lines: lines, True),
    "one entry before the paper edited": (lambda lines: edited(lines, held_before(lines)), False),
    "one entry before the paper deleted": (
        lambda lines: [*lines[:3], *lines[4:]],
        False,
    ),
    "two entries before the paper exchanged": (
        lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
        False,
    ),
    "cut off before the paper": (lambda lines: lines[: report_at(lines) - 2], False),
    "rolled back and written on": (
        lambda lines: [*lines[: report_at(lines) - 2], *lines[report_at(lines) :]],
        False,
    ),
    # The honest limit: what came after the last paper is not covered by it.
    "one entry after the paper edited": (lambda lines: edited(lines, held_after(lines)), True),
    "the tail after the paper cut": (lambda lines: lines[: report_at(lines) + 1], True),
}


@pytest.mark.parametrize("attack", RESIGNED)
def test_the_paper_catches_what_was_rewritten_before_it(attack: str, site: bootstrap.Site) -> None:
    change, found = RESIGNED[attack]
    rewrite(site, change(lines_of(site)))
    assert run(site, "verify").code == 0, "signed again, so it agrees with itself"
    away = laptop(site)
    assert away.code == (0 if found else 4), away.out
    assert ("FOUND: your fingerprint" in away.out) is found
    here = run(site, "fingerprint", *paper(site), "--json")
    assert here.code == (0 if found else 4), here.err


def poke(site: bootstrap.Site, statement: str) -> None:
    """Change the file behind the program's back, without the tree or the signature."""
    database = sqlite3.connect(site.folder / LEDGER)
    database.executescript(f"DROP TRIGGER entries_stay; DROP TRIGGER entries_remain; {statement}")
    database.commit()
    database.close()


UNSIGNED = {
    "edited": "UPDATE entries SET line = CAST(replace(CAST(line AS TEXT), 'HOLD', 'KEEP') AS BLOB)",
    "deleted and closed up": "DELETE FROM entries WHERE number = 5;"
    "UPDATE entries SET number = -number WHERE number > 5;"
    "UPDATE entries SET number = -number - 1 WHERE number < 0;",
    "cut": "DELETE FROM entries WHERE number = (SELECT max(number) FROM entries)",
}


@pytest.mark.parametrize("how", UNSIGNED)
def test_what_was_changed_without_the_key_is_caught_at_once(how: str, site: bootstrap.Site) -> None:
    poke(site, UNSIGNED[how])
    assert run(site, "verify").code == 4


def test_another_ledger_rewritten_and_signed_is_caught_by_the_same_paper(
    site: bootstrap.Site,
) -> None:
    key = signer(site, OFFICE_SIGNER)
    shutil.rmtree(site.vault_folder / LEDGERS / OFFICE)
    (site.folder.parent / f"{OFFICE}.sqlite").unlink(missing_ok=True)
    other_ledger(site, OFFICE, key, count=2)  # shorter than what the paper stands for
    assert run(site, "verify").code == 0
    away = laptop(site)
    assert (away.code, "Everything before it is unchanged: NO" in away.out) == (4, True)
    here = run(site, "fingerprint", *paper(site))
    assert (here.code, "another computer's ledger" in here.err) == (4, True)


def test_a_stranger_is_named_and_no_one_signed_for_it(site: bootstrap.Site) -> None:
    other_ledger(site, "s" * 26, Signer.generate("stranger"))
    done = run(site, "verify", "--json")
    told = {line["ledger"]: line["signed"] for line in done.lines}
    assert (done.code, told["s" * 26], told[OFFICE]) == (4, False, True)


def test_a_retold_fingerprint_may_have_any_gaps_between_its_digits(site: bootstrap.Site) -> None:
    assert run(site, "fingerprint", "".join(paper(site))).code == 0
    assert run(site, "fingerprint", "-".join(paper(site))).code == 0
    assert run(site, "fingerprint", *paper(site)[:11]).code == 2


def test_one_digit_mistyped_is_not_found(site: bootstrap.Site) -> None:
    digits = paper(site)
    digits[5] = f"{(int(digits[5]) + 1) % 100000:05d}"
    assert run(site, "fingerprint", *digits).code == 4


def test_looking_is_recorded_and_found_or_not(site: bootstrap.Site) -> None:
    run(site, "fingerprint", *paper(site))
    run(site, "fingerprint", *["11111"] * 12)
    found, missed = (json.loads(line)["body"]["entries"] for line in lines_of(site)[-2:])
    assert found == report_at(lines_of(site))
    assert missed is None


def test_here_and_away_tell_the_same_fingerprint(site: bootstrap.Site) -> None:
    now = run(site, "fingerprint").out.strip()
    assert len(now.split()) == 12
    assert f"fingerprint now: {now}" in laptop(site).out


def test_a_rewritten_tree_of_the_tests_is_really_another_one(site: bootstrap.Site) -> None:
    """The attacks above can be seen: the roots differ where they should."""
    lines = lines_of(site)
    for change, _ in RESIGNED.values():
        assert isinstance(change(lines), list)
    assert edited(lines, held_before(lines)) != lines
    assert Frontier().root() != b""


def test_an_export_never_writes_over_anything(site: bootstrap.Site) -> None:
    out = site.folder.parent / "stick"
    out.mkdir()
    assert run(site, "export", "--out", str(out)).code == 2


SPOILT = {
    "a line": lambda stick: spoil(next(stick.glob("ledgers/*/entries/*")), b"kind", b"kinD"),
    "a signature": lambda stick: spoil(next(stick.glob("ledgers/*/checkpoint")), b"\n\n", b"0\n\n"),
    "a missing key": lambda stick: (stick / "keys.txt").write_text(""),
}


def spoil(path: Path, old: bytes, new: bytes) -> None:
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new, 1))


@pytest.mark.parametrize("what", SPOILT)
def test_the_checker_sees_a_spoilt_export(what: str, site: bootstrap.Site) -> None:
    out = site.folder.parent / "stick"
    assert run(site, "export", "--out", str(out)).code == 0
    SPOILT[what](out)
    assert checked(out).code in (2, 4)


def test_the_checker_needs_nothing_of_the_school(site: bootstrap.Site) -> None:
    """A bare Python, no package of anybody's, in the exported folder alone."""
    out = site.folder.parent / "stick"
    assert run(site, "export", "--out", str(out)).code == 0
    done = subprocess.run(
        [sys.executable, "-I", "-S", "check_ledger.py", ".", *paper(site)],
        capture_output=True,
        check=False,
        cwd=out,
        timeout=60,
    )
    assert (done.returncode, b"FOUND: your fingerprint" in done.stdout) == (0, True)
