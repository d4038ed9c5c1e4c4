# SPDX-License-Identifier: Apache-2.0
"""Commands about the ledger itself: check it, print or find a fingerprint, export it."""

from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from agent import bootstrap
from agent.cli.common import chosen_site, json_option, print_json, print_table, site_option
from agent.core.errors import ConfigurationError, IntegrityError, UnavailableError
from agent.ledgers import Book, Search, books_of, export, find_fingerprint, known_keys, record_check

CHECKER: Final = "check_ledger.py"
_READ_ME: Final = """\
This folder is a copy of the school's photo record. There is no picture and no name in it.

To check it on your own computer you need Python 3.9 or newer (python.org). Open a terminal here:

    python check_ledger.py .

To look for the fingerprint on your own paper copy of the last report, type its twelve groups:

    python check_ledger.py . 12345 67890 ...
"""


@click.group()
def ledger() -> None:
    """Check the ledger, print its fingerprint, find an old one, export it for a governor."""


@ledger.command("verify")
@site_option
@json_option
def verify_ledgers(site_folder: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click
    """Check every computer's ledger against its signed total; pictures are not read."""
    site = chosen_site(site_folder)
    with bootstrap.open_ledger(site) as opened:
        audits = [(book, book.audit()) for book in books_of(site, opened)]
    faults = 0
    rows = []
    for book, audit in audits:
        wrong = [*audit.faults, *([] if book.signed else ["no known key has signed it"])]
        faults += len(wrong)
        if as_json:
            told = {"ledger": book.name, "entries": audit.entries, "signed": book.signed}
            print_json({**told, "fingerprint": book.claim.fingerprint(), "faults": wrong})
        rows.append((book.name, str(audit.entries), wrong[0] if wrong else "sound"))
    if not as_json:
        print_table("Ledgers", ("ledger", "entries", "found"), rows)
    if faults:
        raise IntegrityError(
            f"{faults} faults were found in the ledgers",
            code="ledger.faults",
            remedy="Delete nothing. Keep the files as they are and find out who changed them.",
        )


@ledger.command()
@site_option
@click.argument("digits", nargs=-1)
@json_option
def fingerprint(site_folder: Path | None, digits: tuple[str, ...], as_json: bool) -> None:  # noqa: FBT001 - click
    """Print the fingerprint of the ledger; with DIGITS from a paper, say whether it is in there.

    Type the twelve groups of an earlier report from your own paper copy. "Found" means that nothing
    before that report has been changed. That somebody looked is written into the ledger.
    """
    site = chosen_site(site_folder)
    with bootstrap.open_ledger(site) as opened:
        books = books_of(site, opened)
        search = _searched(books, " ".join(digits)) if digits else None
    now = books[0].claim.fingerprint()
    if not digits:
        _tell({"fingerprint": now, "entries": books[0].claim.size}, now, as_json=as_json)
        return
    record_check(site, search)
    if search is None or search.broken:
        raise IntegrityError(
            "this fingerprint is not in the ledger"
            if search is None
            else "the fingerprint is there, but another computer's ledger was changed since",
            code="ledger.fingerprint_missing",
            remedy="Compare the digits with the paper once more. If they are right, the ledger was "
            "changed before that report: keep everything as it is and tell the governors.",
        )
    told = {"found": True, "ledger": search.ledger, "entries": search.size, "fingerprint": now}
    text = (
        f"Found: the fingerprint is that of the first {search.size} entries"
        f"{_others(search.others)}. Nothing before it was changed.\n"
        f"The fingerprint now: {now}"
    )
    _tell(told, text, as_json=as_json)


@ledger.command("export")
@site_option
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="A new folder, for example on a stick.",
)
@json_option
def export_ledgers(site_folder: Path | None, out: Path, as_json: bool) -> None:  # noqa: FBT001 - click
    """Write every ledger, the public keys and a checker for anybody's own computer into a folder.

    There is no name and no picture in it. The checker is one Python file that needs nothing else.
    """
    site = chosen_site(site_folder)
    if out.exists():
        raise ConfigurationError(
            "the folder for the export is there already",
            code="ledger.export_exists",
            remedy="Choose a new folder name for --out.",
        )
    try:
        with bootstrap.open_ledger(site) as opened:
            books = books_of(site, opened)
            entries = export(books, known_keys(site), out)
        (out / CHECKER).write_bytes((files(__package__) / CHECKER).read_bytes())
        (out / "README.txt").write_text(_READ_ME, encoding="utf-8")
    except OSError as error:
        raise UnavailableError(
            "the export could not be written",
            code="ledger.export_failed",
            remedy="Make room on the disk or stick, remove the unfinished folder, and try again.",
        ) from error
    text = f"{len(books)} ledgers with {entries} entries are in {out}, and {CHECKER} to check them."
    _tell({"ledgers": len(books), "entries": entries, "folder": str(out)}, text, as_json=as_json)


def _others(number: int) -> str:
    return f", which say how {number} other ledgers begin, and so they do" if number else ""


def _searched(books: list[Book], typed: str) -> Search | None:
    try:
        return find_fingerprint(books, typed)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _tell(told: dict[str, object], text: str, *, as_json: bool) -> None:
    if as_json:
        print_json(told)
    else:
        click.echo(text)
