# SPDX-License-Identifier: Apache-2.0
"""The command that makes the governors' report."""

from functools import partial
from pathlib import Path
from typing import Final

import click

from agent import bootstrap
from agent.cli.common import (
    chosen_site,
    json_option,
    print_json,
    progress,
    site_option,
)
from agent.core.errors import UnavailableError
from agent.core.summary.facts import Stored
from agent.verification import verify_site
from service.report.archive import Kept
from service.report.making import make_report
from service.report.printing import Printing

_FILES: Final = {"report.html": "html", "report.pdf": "pdf", "report.json": "json"}


@click.command()
@site_option
@click.option("--term", required=True, help='The term as report.toml names it: "Autumn 2026".')
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for the files; it is made where it is not there.",
)
@click.option("--large-print", is_flag=True, help="Letters of 18 points.")
@click.option("--html-only", is_flag=True, help="No PDF: print the page from the browser.")
@click.option("--check-storage", is_flag=True, help="Read every stored object back first.")
@json_option
def report(  # noqa: PLR0913, PLR0917 - one parameter an option
    site_folder: Path | None,
    term: str,
    out: Path,
    large_print: bool,  # noqa: FBT001 - click
    html_only: bool,  # noqa: FBT001 - click
    check_storage: bool,  # noqa: FBT001 - click
    as_json: bool,  # noqa: FBT001 - click
) -> None:
    """Make the governors' report of a term: a web page, a PDF, and the figures as JSON.

    It is a draft until the headteacher approves it in the console. Terms, dates, breaches and
    complaints come from report.toml; everything else from the ledgers and the register. File the
    paper with the minutes: its fingerprint is what later reports are checked against.
    """
    site = chosen_site(site_folder)
    printing = Printing(large_print=large_print, pdf=not html_only)
    kept = make_report(site, term, printing, (lambda: _look(site)) if check_storage else None)
    written = _copy(kept, out, with_pdf=not html_only)
    if as_json:
        print_json(
            {
                "report": kept.id,
                "sha256": kept.digest,
                "fingerprint": kept.fingerprint,
                "files": [str(path) for path in written],
            }
        )
        return
    for path in written:
        click.echo(f"Written: {path}")
    click.echo(f"Report {kept.id}, a draft. Fingerprint:\n{kept.fingerprint}")


def _look(site: bootstrap.Site) -> Stored:
    """Read every stored object back and compare it with the ledger."""
    with (
        bootstrap.open_ledger(site, read_only=True) as ledger,
        progress("Reading back") as advance,
    ):
        found = verify_site(
            bootstrap.vault_of(site),
            ledger,
            site.station_verifier,
            advance,
            partial(bootstrap.erasing, site),
        )
    return Stored(objects=found.objects, sound=found.sound)


def _copy(kept: Kept, out: Path, *, with_pdf: bool) -> list[Path]:
    name = "photo-report-" + kept.term.lower().replace(" ", "-").replace("/", "-")
    written = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for source, kind in _FILES.items():
            if kind != "pdf" or with_pdf:
                path = out / f"{name}.{kind}"
                path.write_bytes((kept.folder / source).read_bytes())
                written.append(path)
    except OSError as error:
        raise UnavailableError(
            "the report was made and recorded, but its files could not be written",
            code="report.out",
            remedy=f"Copy them from office/reports/{kept.id} in the site folder.",
        ) from error
    return written
