# SPDX-License-Identifier: Apache-2.0
"""The office prints, lists and withdraws cards; the key stays where it belongs."""

import io
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from datetime import date
from pathlib import Path

import pytest

from agent import bootstrap, office
from agent import site as layout
from agent.core.cards import KEY_BYTES
from agent.core.errors import ConfigurationError
from service.program import main
from tests.site.conftest import Done, School


def cards(school: School, *words: str) -> Done:
    """Run the whole program in this process, as a person would in one of its own."""
    out, err = io.StringIO(), io.StringIO()
    arguments = ["photowarden", "--site", str(school.folder), "cards", *words]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", arguments)
        with pytest.raises(SystemExit) as ended:
            main()
    return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def test_cards_are_printed_withdrawn_and_printed_anew(a_school: School, tmp_path: Path) -> None:
    out = tmp_path / "cards.pdf"
    first = cards(a_school, "print", "--class", "3B", "--end", "--out", str(out), "--json")
    assert first.code == 0, first.err
    assert out.read_bytes().startswith(b"%PDF-")
    assert [(line["kind"], line["name"]) for line in first.lines] == [
        ("class", "3B"),
        ("end", "End"),
    ]
    number = first.lines[0]["card"]
    spelt = "-".join((number[:4], number[4:8].lower(), number[8:]))
    gone = cards(a_school, "withdraw", "--card", spelt, "--json")
    assert gone.lines == [{"card": number, "withdrawn_from": date.today().isoformat()}], gone.err
    listed = [line for line in cards(a_school, "list", "--json").lines if line["of"] == "3B"]
    assert [line["state"] for line in listed] == ["withdrawn", "counts"]
    assert listed[0]["card"] == number
    second = cards(a_school, "print", "--class", "3B", "--out", str(out), "--json")
    assert second.lines[0]["card"] == listed[1]["card"] != number


def test_a_withdrawal_is_a_register_of_its_own_that_changes_nothing_else(a_school: School) -> None:
    before = office.newest_register(bootstrap.load_site(a_school.folder))
    assert cards(a_school, "withdraw", "--class", "3b", "--child", "P01").code == 0
    after = office.newest_register(bootstrap.load_site(a_school.folder))
    assert before is not None
    assert after is not None
    assert (after.people, after.rosters, after.devices) == (
        before.people,
        before.rosters,
        before.devices,
    )
    assert (after.version, after.valid_until) == (before.version + 1, before.valid_until)
    assert len(after.withdrawn_cards) == 2
    assert a_school.publish().code == 0
    again = office.newest_register(bootstrap.load_site(a_school.folder))
    assert again is not None
    assert again.withdrawn_cards == after.withdrawn_cards
    assert a_school.run("verify").code == 0


def test_what_cannot_be_printed_says_so(a_school: School, tmp_path: Path) -> None:
    out = str(tmp_path / "x.pdf")
    unknown = cards(a_school, "print", "--child", "P99", "--out", out)
    assert (unknown.code, "P99" in unknown.err, "cards.unknown" in unknown.err) == (2, False, True)
    assert cards(a_school, "print", "--out", out).code == 2
    assert cards(a_school, "withdraw").code == 2
    assert cards(a_school, "withdraw", "--card", "AAAA-AAAA-AAAA").code == 2
    away = cards(a_school, "print", "--end", "--out", str(tmp_path))
    assert away.code == 2
    missing = cards(a_school, "print", "--end", "--out", str(tmp_path / "no" / "x.pdf"))
    assert (missing.code, "cards.out_unavailable" in missing.err) == (3, True)


def test_children_are_listed_by_reference_and_only_when_asked(a_school: School) -> None:
    assert "P01" not in cards(a_school, "list", "--json").out
    listed = cards(a_school, "list", "--children", "--json")
    assert "P01" in {line["of"] for line in listed.lines}
    assert "Amara" not in listed.out


def test_before_the_first_register_there_are_no_cards(
    new_school: Callable[[], School], tmp_path: Path
) -> None:
    done = cards(new_school(), "print", "--end", "--out", str(tmp_path / "x.pdf"))
    assert (done.code, "cards.no_register" in done.err) == (2, True)


def test_the_key_of_cards_is_in_the_office_and_in_nothing_that_can_be_read(
    a_school: School,
) -> None:
    path = a_school.folder / layout.CARD_KEY
    key = path.read_text("ascii").strip()
    assert len(bytes.fromhex(key)) == KEY_BYTES
    path.rename(a_school.base / "card.key")
    written = a_school.written()
    assert key.encode() not in written
    assert bytes.fromhex(key) not in written


def test_a_key_that_went_missing_is_the_one_that_cards_were_printed_with(a_school: School) -> None:
    path = a_school.folder / layout.CARD_KEY
    site, before = bootstrap.load_site(a_school.folder), path.read_bytes()
    path.unlink()
    assert bootstrap.card_key_of(site).hex().encode() == before.strip()
    assert path.read_bytes() == before


def test_a_site_from_before_there_were_cards_gets_a_key(
    new_school: Callable[[], School],
) -> None:
    old = new_school()
    (old.folder / layout.CARD_KEY).unlink()
    site = bootstrap.load_site(old.folder)
    key = bootstrap.card_key_of(site)
    assert key == bootstrap.card_key_of(site)
    if os.name == "posix":
        assert (old.folder / layout.CARD_KEY).stat().st_mode & 0o077 == 0


def test_a_computer_without_the_offices_folder_makes_no_key(a_school: School) -> None:
    (a_school.folder / "office").rename(a_school.base / "office")
    with pytest.raises(ConfigurationError, match=r"card\.key"):
        bootstrap.card_key_of(bootstrap.load_site(a_school.folder))


def test_the_help_teaches(a_school: School) -> None:
    assert "docs/class-cards.md" in cards(a_school, "--help").out
    assert cards(a_school, "print", "--help").code == 0
