# SPDX-License-Identifier: Apache-2.0
"""The demonstration: make a school, drop pictures, run the agent, show what became of them."""

import csv
import io
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import click

from agent import bootstrap, office
from agent import site as layout
from agent.adapters.register_file import read_register_file
from agent.cli.common import progress
from agent.cli.site_commands import first_records
from agent.cli.work_commands import finish, print_outcomes
from agent.core.errors import ConfigurationError
from agent.demo import school
from agent.media.child import Child
from agent.media.cleaning import inspect
from agent.media.errors import MediaError
from agent.media.facts import MediaFacts
from agent.ports import Outcome
from agent.rounds import drain

_LOCK_WORDS_FILE = "demo-passphrase.txt"
_EVERY_FOURTH = 4


@click.command()
@click.option(
    "--photos",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Use the pictures of this folder (they are copied); their cameras become the school's.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("photowarden-demo"),
    show_default=True,
    help="The new folder for the demonstration's site.",
)
def demo(photos: Path | None, into: Path) -> None:
    """Make a demonstration school, process its pictures, and show what became of each and why.

    The site stays, so that you can look further; delete its folder when you have done.
    """
    folder = into.absolute()
    passphrase = "-".join(secrets.token_hex(3) for _ in range(4))
    plan = layout.SitePlan(
        folder=folder,
        school=school.SCHOOL,
        passphrase=passphrase.encode(),
        rehearsal=True,
        settle_seconds=0.5,
        work_factor=14,
    )
    layout.create_site(plan)
    layout.write_private(folder / _LOCK_WORDS_FILE, passphrase.encode() + b"\n")
    first_records(folder)
    site = bootstrap.load_site(folder)
    today = bootstrap.clock_of(site).now().today
    rows = school.register_rows(today)
    if photos is None:
        _drop_stories(folder / "import")
    else:
        rows += _drop_own(photos, folder / "import")
    _publish(site, rows)
    outcomes = _process(site)
    print_outcomes(outcomes)
    _say_how_to_look(into, outcomes)


def _drop_stories(imports: Path) -> None:
    """Put the demonstration's own pictures into the import folder."""
    for story in school.stories():
        path = imports / story.place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(story.content)


def _drop_own(photos: Path, imports: Path) -> list[school.Row]:
    """Copy a person's own pictures, each into its camera's folder, and register the cameras.

    Every fourth goes to class 5A, where one family has said no; the others to 3B, where all said
    yes.
    """
    rows: dict[str, school.Row] = {}
    sources = sorted(path for path in photos.rglob("*") if path.is_file())
    if not sources:
        raise ConfigurationError(
            "the folder for --photos holds no file",
            code="demo.empty",
            remedy="Give a folder with pictures in it.",
        )
    with Child() as child, progress("Looking at your pictures") as advance:
        for number, source in enumerate(sources, start=1):
            folder = _camera_folder(_facts(source, child), rows)
            group = "5A" if number % _EVERY_FOURTH == 0 else "3B"
            target = imports / folder / group / source.relative_to(photos)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            advance(number, len(sources))
    return list(rows.values())


def _facts(source: Path, child: Child) -> MediaFacts:
    with source.open("rb") as file:
        try:
            return inspect(file, child).facts
        except MediaError:
            return MediaFacts()


def _camera_folder(facts: MediaFacts, rows: dict[str, school.Row]) -> str:
    """Return the import folder of a camera, registering it when it is met first."""
    if facts.model is None:
        return "unknown-device"
    key = facts.model
    if key not in rows:
        reference = f"your-camera-{len(rows) + 1}"
        rows[key] = {
            "kind": "device",
            "reference": reference,
            "make": facts.make or "",
            "model": facts.model,
            "serials": "",
            "folders": reference,
        }
    serials = dict.fromkeys((*rows[key]["serials"].split("; "), *facts.serials))
    rows[key]["serials"] = "; ".join(filter(None, serials))
    return rows[key]["folders"]


def _publish(site: bootstrap.Site, rows: list[school.Row]) -> None:
    """Write the register file that an office would write, and publish it the same way."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    path = site.folder / "office" / "register.csv"
    path.write_text(text.getvalue(), "utf-8-sig", newline="")
    office.publish(site, office.plan_publication(site, read_register_file(path)))


def _process(site: bootstrap.Site) -> list[Outcome]:
    with bootstrap.open_ports(site) as (ports, _), progress("Processing") as advance:
        outcomes: list[Outcome] = []
        for outcome in _outcomes(drain(ports, site.station.settle_seconds)):
            outcomes.append(outcome)
            advance(len(outcomes), len(outcomes))
        finish(ports, site)
    return outcomes


def _outcomes(steps: Iterator[object]) -> Iterator[Outcome]:
    for step in steps:
        if isinstance(step, Outcome):
            yield step


def _say_how_to_look(into: Path, outcomes: list[Outcome]) -> None:
    kept = next((o.record for o in outcomes if o.record.ruling.verdict.name == "KEEP"), None)
    case = (kept or outcomes[0].record).case if outcomes else "CASE"
    identity = into / layout.OFFICE_IDENTITY
    click.echo(f"\nThe site is in {into}; its vault holds sealed files only. Look further:")
    click.echo(
        f"photowarden open {case[:8]} --site {into} --out picture.jpg --identity {identity} "
        f"--passphrase-file {into / _LOCK_WORDS_FILE}"
    )
