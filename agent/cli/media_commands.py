# SPDX-License-Identifier: Apache-2.0
"""Commands that need no site: strip one's own files, and say what is in them."""

from pathlib import Path
from typing import Any

import click

from agent import durable
from agent.cli.common import json_option, print_json, print_table
from agent.core.errors import ConfigurationError
from agent.media.child import Child
from agent.media.cleaning import clean as make_clean
from agent.media.cleaning import inspect as look_into
from agent.media.cleaning import kind_of, survey
from agent.media.errors import MediaError
from agent.media.facts import to_plain

_FILES = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("files", nargs=-1, required=True, type=_FILES)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for the clean files; nothing there is replaced.",
)
@json_option
def clean(files: tuple[Path, ...], out: Path, as_json: bool) -> None:  # noqa: FBT001 - click
    """Strip FILES of all metadata into new files; the originals stay as they are.

    Pictures and films keep every pixel and every sound exactly, unless a picture has to be turned
    upright; a TIFF is written anew. What cannot be cleaned, or not be confirmed by the second
    reader, is refused and written nowhere.
    """
    out.mkdir(parents=True, exist_ok=True)
    told = []
    with Child() as child:
        for path in files:
            told.append(_cleaned(path, out, child))
            if as_json:
                print_json(told[-1])
    if not as_json:
        rows = [(t["file"], t["kind"], t["answer"], ", ".join(t["dropped"])) for t in told]
        print_table("Cleaned", ("file", "kind", "answer", "dropped"), rows)


def _cleaned(path: Path, out: Path, child: Child) -> dict[str, Any]:
    with path.open("rb") as source:
        told: dict[str, Any] = {"file": path.name, "dropped": []}
        try:
            told["kind"] = kind_of(source).label
            surveyed = survey(source)
            medium = make_clean(surveyed, source, child)
            durable.write_new(out / path.name, medium.chunks())
        except MediaError as error:
            return {**told, "answer": f"refused: {error}", "clean": False}
        except FileExistsError as error:
            raise ConfigurationError(
                "a file of this name is in the folder for the clean files",
                code="clean.exists",
                remedy="Choose an empty folder for --out.",
            ) from error
        return {
            **told,
            "dropped": list(surveyed.walked.recipe.dropped),
            "answer": "turned upright and cleaned" if medium.turned else "cleaned",
            "clean": True,
        }


@click.command()
@click.argument("file", type=_FILES)
@click.option("--values", is_flag=True, help="Also print values that may be private.")
@json_option
def inspect(file: Path, values: bool, as_json: bool) -> None:  # noqa: FBT001 - click
    """Say what FILE is, which device took it, who is named in it, and what would be dropped."""
    with file.open("rb") as source, Child() as child:
        size = file.stat().st_size
        told: dict[str, Any] = {"kind": kind_of(source).label, "size": size}
        try:
            found = look_into(source, child)
        except MediaError as error:
            told["refused"] = str(error)
        else:
            facts = to_plain(found.facts)
            people = facts.pop("people")
            private = {"serials", "captured_at"}
            told |= {k: v for k, v in facts.items() if values or k not in private}
            told |= {
                "width": found.walked.width,
                "height": found.walked.height,
                "orientation": found.walked.orientation,
                "people_named": len(people),
                "would_drop": list(found.walked.recipe.dropped),
            }
            if values:
                told["people"] = people
    if as_json:
        print_json(told)
    else:
        rows = [(name.replace("_", " "), str(value)) for name, value in told.items()]
        print_table(file.name, ("what", "value"), rows)
