# SPDX-License-Identifier: Apache-2.0
"""Add and remove import folders in `station.toml`, the way a careful person would by hand.

Every other line stays as it is, comments too; the new text is read by the same strict reader and
must say exactly what was wanted before it takes the old one's place, whole and durable. A new
folder is refused wherever the agent would refuse to start with it.
"""

import re
import threading
import tomllib
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from agent import durable, places
from agent.core.errors import ConfigurationError, UnavailableError
from agent.settings import STATION_FILE, ImportSettings, StationSettings, read_toml, resolved

_HEADER: Final = re.compile(r"\s*\[\[\s*import\s*\]\]\s*(#.*)?")
_TABLE: Final = re.compile(r"\s*\[")
_SAYS_NOTHING: Final = re.compile(r"\s*(#.*)?")
_ONE_WRITER: Final = threading.Lock()


def add(site: Path, wanted: ImportSettings) -> None:
    """Have one more folder watched, from the agent's next start on.

    Raises:
        ConfigurationError: the folder may not be used, or the file cannot be changed safely.
        UnavailableError: the file cannot be written; it is as it was.
    """
    with _ONE_WRITER:
        settings, text = read_toml(site / STATION_FILE, StationSettings)
        check_new(site, settings, wanted.path)
        lines = _lines(text)
        sections = _sections(lines)
        at = sections[-1].stop if sections else len(lines)
        lines[at:at] = ["", *_written(wanted)]
        _put(site, settings, lines, (*settings.imports, wanted), text)


def remove(site: Path, path: str) -> None:
    """Have a folder, named as `station.toml` names it, watched no more; what is in it stays.

    Raises:
        ConfigurationError: it is the last one, it is not watched, or the file cannot be changed
            safely.
        UnavailableError: the file cannot be written; it is as it was.
    """
    with _ONE_WRITER:
        settings, text = read_toml(site / STATION_FILE, StationSettings)
        kept = without(settings, path)
        lines, sections = _lines(text), _sections(_lines(text))
        if len(sections) != len(settings.imports):
            raise _unusual()
        for section, one in reversed(list(zip(sections, settings.imports, strict=True))):
            if one.path == path:
                del lines[_with_space(lines, section)]
        _put(site, settings, lines, kept, text)


def without(settings: StationSettings, path: str) -> tuple[ImportSettings, ...]:
    """Return the import folders but this one.

    Raises:
        ConfigurationError: it is the last one, or it is not watched.
    """
    kept = tuple(one for one in settings.imports if one.path != path)
    if len(kept) == len(settings.imports):
        raise _refused("this folder is not watched", "folders.unknown", "Load the page again.")
    if not kept:
        raise _refused(
            "it is the only folder that is watched",
            "folders.last",
            "Add another folder first; then take this one off.",
        )
    return kept


def check_new(site: Path, settings: StationSettings, path: str) -> None:
    """Make sure that a folder may be watched.

    Raises:
        ConfigurationError: it may not, and why.
    """
    folder = Path(path)
    if not (path.isprintable() and folder.is_absolute()):
        raise _refused(
            "that is not the whole path of a folder",
            "folders.relative",
            "Give it from the beginning, such as /srv/photos or D:\\Photos.",
        )
    if not folder.is_dir():
        raise _refused(
            "there is no such folder on this computer", "folders.missing", "Make it first."
        )
    if places.is_behind_a_link(folder):
        raise _refused(
            "it is a link to another folder, or lies behind one",
            "folders.link",
            "Give the folder that the link leads to.",
        )
    places.check_place(folder, places.Use.IMPORT, rehearsal=settings.rehearsal)
    others = [resolved(site, one.path) for one in settings.imports]
    places.check_apart(folder, places.own(site, resolved(site, settings.vault.path)), others)


def _lines(text: bytes) -> list[str]:
    return text.decode("utf-8").replace("\r\n", "\n").removesuffix("\n").split("\n")


def _sections(lines: list[str]) -> list[slice]:
    """Return where the sections of import folders are: from the header to the last key."""
    found: list[slice] = []
    starts = [number for number, line in enumerate(lines) if _HEADER.fullmatch(line)]
    for start in starts:
        end = stop = start + 1
        while end < len(lines) and not _TABLE.match(lines[end]):
            end += 1
            if not _SAYS_NOTHING.fullmatch(lines[end - 1]):
                stop = end
        found.append(slice(start, stop))
    return found


def _with_space(lines: list[str], section: slice) -> slice:
    """Return a section with the empty line before it, where one would be left over."""
    spare = section.start > 0 and not lines[section.start - 1].strip()
    return slice(section.start - spare, section.stop)


def _written(wanted: ImportSettings) -> list[str]:
    device = [f"device = {_quoted(wanted.device)}"] if wanted.device else []
    return [
        "[[import]]",
        f"path = {_quoted(wanted.path)}",
        f'originals = "{wanted.originals}"',
        *device,
    ]


def _quoted(text: str) -> str:
    """Return a text as a TOML basic string."""
    if not text.isprintable():
        raise _unusual()
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _put(
    site: Path,
    before: StationSettings,
    lines: list[str],
    wanted: tuple[ImportSettings, ...],
    earlier: bytes,
) -> None:
    """Write the new text, if it says what was wanted and nothing else has changed."""
    end = "\r\n" if b"\r\n" in earlier else "\n"
    content = (end.join(lines) + end).encode("utf-8")
    try:
        after = StationSettings.model_validate(tomllib.loads(content.decode("utf-8")))
    except (ValidationError, ValueError) as error:
        raise _unusual() from error
    if after.model_dump() != before.model_copy(update={"imports": wanted}).model_dump():
        raise _unusual()
    try:
        durable.replace(site / STATION_FILE, [content])
    except OSError as error:
        raise UnavailableError(
            f"{STATION_FILE} cannot be written",
            code="settings.unwritable",
            remedy="Give the account that runs the console the right to write the site folder.",
        ) from error


def _unusual() -> ConfigurationError:
    return _refused(
        f"{STATION_FILE} is written in a way that only a person can change",
        "folders.unusual",
        "Have the technician change its import folders by hand.",
    )


def _refused(what: str, code: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(what, code=code, remedy=remedy)
