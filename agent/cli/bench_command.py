# SPDX-License-Identifier: Apache-2.0
"""Measure this computer: whole paths beside what one would use instead."""

import tempfile
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

from agent.bench import clean as measure_clean
from agent.bench import faces as measure_faces
from agent.bench import idle as measure_rest
from agent.bench import ledger as measure_ledger
from agent.bench import pipeline as measure
from agent.bench.formats import formats_page
from agent.cli.common import json_option, print_json, print_table
from agent.cli.site_commands import first_records
from agent.media.child import Child

_MEBI = 1 << 20


@click.group()
def bench() -> None:
    """Measure on this computer, side by side with what one would use instead."""


@bench.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def formats(folder: Path) -> None:
    """Say what is done with each format, and count what becomes of the files of FOLDER."""
    click.echo(formats_page(folder), nl=False)


@bench.command()
@click.option("--entries", default=1_000_000, show_default=True, help="How long the ledger is.")
@json_option
def report(entries: int, as_json: bool) -> None:  # noqa: FBT001 - click
    """Measure checking and summarising a long ledger: time and the peak memory."""
    with tempfile.TemporaryDirectory(prefix="photowarden-bench-") as name:
        folder = Path(name) / "ledger"
        size = measure_ledger.make_ledger(folder, entries)
        ways = measure_ledger.measure(folder)
    if as_json:
        for way in ways:
            print_json({"entries": entries, **asdict(way)})
        return
    rows = [
        (
            way.name,
            f"{way.seconds:.1f}",
            f"{1e6 * way.seconds / entries:.1f}",
            f"{way.seconds / ways[0].seconds:.2f}",
            f"{way.peak / _MEBI:.0f} MiB",
        )
        for way in ways
    ]
    columns = ("way", "s", "microseconds an entry", "time, ours = 1", "peak memory")
    print_table(f"{entries:,} entries, {size / 1e6:.0f} MB", columns, rows)


@bench.command()
@json_option
def clean(as_json: bool) -> None:  # noqa: FBT001 - click
    """Measure cleaning a JPEG, a HEIC and a film beside other tools: leaks, fidelity, time."""
    with (
        tempfile.TemporaryDirectory(prefix="photowarden-bench-") as name,
        Child() as child,
    ):
        folder = Path(name)
        (folder / "work").mkdir()
        for file in measure_clean.make_files(folder):
            rows = measure_clean.measure(file, folder / "work", child)
            if as_json:
                for row in rows:
                    print_json(asdict(row))
            else:
                _print_cleaning(file, rows)


def _print_cleaning(file: measure_clean.Planted, rows: list[measure_clean.Row]) -> None:
    ours = next(row.seconds for row in rows if row.way == "photowarden, in process")
    size = file.path.stat().st_size / 1e6
    cells = [
        (
            row.way,
            f"{1000 * row.seconds:.1f}",
            f"{row.seconds / ours:.2f}",
            f"{row.places_left} of {file.places}" if row.same is not None else "",
            {True: "yes", False: "no", None: ""}[row.same],
        )
        for row in rows
    ]
    columns = ("way", "ms", "time, ours = 1", "places that still leak", "same content")
    print_table(f"{file.kind}, {size:.1f} MB", columns, cells)


@bench.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@json_option
def faces(folder: Path, as_json: bool) -> None:  # noqa: FBT001 - click
    """Measure the face detector on the pictures of FOLDER and the face boxes in its XML files.

    Prints how many marked faces were found, how many boxes lie elsewhere, and what one look at a
    picture of 12 megapixels takes in time and memory, beside the model alone in one pass.
    """
    pictures = measure_faces.marked_in(folder)
    if not pictures:
        raise click.UsageError("the folder holds no picture that an XML file beside it marks")
    scored = measure_faces.scores(pictures)
    with tempfile.TemporaryDirectory(prefix="photowarden-bench-") as name:
        spent = measure_faces.costs(pictures, Path(name))
    if as_json:
        for score in scored:
            print_json(asdict(score))
        for cost in spent:
            print_json(asdict(cost))
        return
    _print_scores(scored, len(pictures))
    _print_costs(spent)


def _print_scores(scored: list[measure_faces.Score], pictures: int) -> None:
    cells = [
        (row.way, f"{row.found} of {row.marked}", str(row.elsewhere), f"{1000 * row.seconds:.0f}")
        for row in scored
    ]
    columns = ("way", "marked faces found", "boxes elsewhere", "ms a picture")
    print_table(f"{pictures} pictures with marked faces", columns, cells)


def _print_costs(spent: list[measure_faces.Cost]) -> None:
    ours = spent[0].seconds
    cells = [
        (
            row.way,
            f"{1000 * row.seconds:.0f}",
            f"{row.seconds / ours:.2f}",
            f"{row.peak / _MEBI:.0f} MiB",
            str(row.faces),
        )
        for row in spent
    ]
    columns = ("way", "ms", "time, ours = 1", "peak memory", "faces")
    print_table("One picture of 12 megapixels", columns, cells)


@bench.command()
@click.option("--minutes", default=10.0, show_default=True, help="How long to measure.")
@json_option
def idle(minutes: float, as_json: bool) -> None:  # noqa: FBT001 - click
    """Measure the daemon that has nothing to do: processor time, memory, wake-ups."""
    found = measure_rest.measure_idle(60 * minutes, first_records)
    if as_json:
        print_json(asdict(found))
        return
    rows = [
        ("measured", f"{found.seconds / 60:.1f} minutes"),
        (
            "processor",
            f"{found.cpu_seconds:.2f} s, {100 * found.cpu_seconds / found.seconds:.3f} %",
        ),
        ("memory, resident", f"{found.resident_mebibytes:.1f} MiB"),
        ("memory, its own", f"{found.private_mebibytes:.1f} MiB"),
        ("processes", str(found.processes)),
        ("wake-ups", f"{found.wake_ups / found.seconds:.2f} a second"),
    ]
    print_table("The idle daemon", ("what", "how much"), rows)


@bench.command()
@click.option("--files", default=100, show_default=True, help="How many 12-megapixel pictures.")
@click.option(
    "--in",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The disk to measure on. Default: the folder for temporary files.",
)
@json_option
def pipeline(files: int, folder: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click
    """Measure files/s and MB/s end to end, where the time goes, and the peak memory."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="photowarden-bench-") as name:
        base = Path(name)
        source = base / "source"
        source.mkdir()
        size = measure.make_pictures(source, files)
        today = date.today()  # noqa: DTZ011 - a day for an invented register
        plain = measure.copy_with_sync(source, base / "copy")
        shell = measure.shell_pipeline(source, base / "shell")
        site = measure.make_site(base / "site", today)
        first_records(site.folder)
        ours = measure.whole_path(site, source)
        again = measure.make_site(base / "site-2", today)
        first_records(again.folder)
        spent = measure.stages(again, source)
    ways = [way for way in (plain, shell, ours) if way is not None]
    if as_json:
        print_json(
            {
                "files": files,
                "bytes": size,
                "seconds": {way.name: round(way.seconds, 3) for way in ways},
                "peak_bytes": ours.peak,
                "stages": {name: round(seconds, 3) for name, seconds in spent.items()},
            }
        )
        return
    _print_ways(ways, ours, files, size)
    _print_stages(spent)


def _print_ways(
    ways: list[measure.Measured], ours: measure.Measured, files: int, size: int
) -> None:
    rows = [
        (
            way.name,
            f"{way.seconds:.2f}",
            f"{files / way.seconds:.1f}",
            f"{size / way.seconds / 1e6:.0f}",
            f"{way.seconds / ours.seconds:.2f}",
            f"{way.peak / _MEBI:.0f} MiB" if way.peak else "",
        )
        for way in ways
    ]
    columns = ("whole processes", "s", "files/s", "MB/s", "time, ours = 1", "peak memory")
    print_table(f"{files} pictures, {size / 1e6:.0f} MB", columns, rows)


def _print_stages(spent: dict[str, float]) -> None:
    whole = spent.pop("everything")
    spent["between the ports"] = whole - sum(spent.values())
    ordered = sorted(spent.items(), key=lambda item: -item[1])
    rows = [(name, f"{s:.2f}", f"{100 * s / whole:.0f} %") for name, s in ordered if s > 0.005]  # noqa: PLR2004 - what rounds to nothing
    print_table("Where the time goes", ("port", "s", "share"), rows)
