# SPDX-License-Identifier: Apache-2.0
"""Measure summarising a long ledger beside reading it as plain JSON and checking nothing.

Each way runs in a process of its own over the same files:
`python -m agent.bench.ledger WAY FOLDER`.
"""

import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

import psutil

from agent.adapters.ledger import SEGMENT
from agent.adapters.ledger_copies import LedgerCopy
from agent.core.canonical import JsonValue, encode
from agent.core.checkpoint import Checkpoint
from agent.core.entry_shapes import Shape
from agent.core.ledger import EntryKind
from agent.core.ledger_audit import audit_ledger
from agent.core.merkle import Frontier, leaf_hash
from agent.core.summary.fold import Fold
from agent.core.summary.periods import Calendar, Period

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"
_TERMS: Final = 6
_DAYS: Final = 90
_FIRST: Final = date(2026, 9, 1)
_CASE, _OTHER, _DIGEST, _AT = "@case@", "@other@", "@digest@", "@at@"
_SAID: Final[dict[str, JsonValue]] = {
    "case": _CASE,
    "object": _CASE,
    "verdict": "@verdict@",
    "concerns": ["@concern@"],
    "register": _DIGEST,
    "register_version": 7,
    "policy": _DIGEST,
    "grade": "registered",
    "device": _OTHER,
    "coverage": "everyone",
    "rosters": [_OTHER],
    "stated": "no",
    "faces": 3,
    "body_sha256": _DIGEST,
    "body_size": 4_000_000,
    "slip_sha256": _DIGEST,
    "original": "deleted",
}
"""What the entries of a picture say; any other field says nothing: none, null, nought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way: seconds, greatest memory (bytes), how many pictures it counted."""

    name: str
    seconds: float
    peak: int
    pictures: int


def make_ledger(folder: Path, entries: int) -> int:
    """Write a ledger of so many entries as the vault keeps one; return its size in bytes."""
    (folder / "entries").mkdir(parents=True)
    size, segment = 0, list[bytes]()
    frontier = Frontier()
    for number, line in enumerate(_lines(entries)):
        segment.append(line + b"\n")
        frontier = frontier.appended(leaf_hash(line))
        if len(segment) == SEGMENT or number == entries - 1:
            name = f"{number + 1 - len(segment):010d}.jsonl"
            size += (folder / "entries" / name).write_bytes(b"".join(segment))
            segment.clear()
    claim = Checkpoint(origin="bench", size=entries, root=frontier.root())
    (folder / "checkpoint").write_text(claim.text(), encoding="utf-8", newline="\n")
    return size


def measure(folder: Path) -> list[Way]:
    """Return every way, ours first."""
    return [_measured(name, folder) for name in _WAYS]


def _measured(name: str, folder: Path) -> Way:
    done = subprocess.run(  # noqa: S603 - this very module
        [sys.executable, "-m", __spec__.name, name, str(folder)],
        stdout=subprocess.PIPE,
        check=True,
    )
    return Way(name=name, **json.loads(done.stdout))


def _summarise(folder: Path) -> int:
    """Check tree, ids and every field, and fold what a report needs."""
    fold = Fold(Calendar(_periods()))
    fold.begin("bench")
    claim = Checkpoint.parse((folder / "checkpoint").read_text("utf-8"))
    copy = LedgerCopy(name="bench", folder=folder)
    audit = audit_ledger(copy.lines(), claim, visit=fold.take)
    if not audit.sound:
        raise ValueError(audit.faults[0])
    return sum(fold.tally(number).pictures for number in range(_TERMS))


def _read_only(folder: Path) -> int:
    """Parse each line as JSON and count decisions; check nothing."""
    kinds = Counter(
        json.loads(line)["kind"] for line in LedgerCopy(name="bench", folder=folder).lines()
    )
    return kinds["photo.decided"]


_WAYS: Final[dict[str, Callable[[Path], int]]] = {
    "photowarden": _summarise,
    "JSON alone": _read_only,
}


def _lines(entries: int) -> Iterator[bytes]:
    kinds = (EntryKind.PHOTO_DECIDED, EntryKind.PHOTO_STORED, EntryKind.PHOTO_CLEARED)
    templates = [_template(kind) for kind in kinds]
    for number in range(entries):
        picture = number // 3
        held = picture % 7 == 0
        moment = _FIRST + timedelta(days=picture * _TERMS * _DAYS * 3 // (entries + 3))
        yield (
            templates[number % 3]
            .format(
                at=f"{moment}T{8 + picture % 8:02}:{picture // 8 % 60:02}:00Z",
                case=_opaque(picture),
                other=_opaque(picture % 30),
                digest=f"{picture:064x}",
                verdict="HOLD" if held else "KEEP",
                concern='"permission.refused"' if held else "",
            )
            .encode()
        )


def _template(kind: EntryKind) -> str:
    """Return a kind's line with names in braces where each line has its own."""
    body = {name: _SAID.get(name, _nothing(shape)) for name, shape in kind.fields.items()}
    identifier = f"{_CASE}.{kind.code.partition('.')[2]}.1"
    line = encode({"at": _AT, "body": body, "id": identifier, "kind": kind.code}).decode()
    doubled = line.replace("{", "{{").replace("}", "}}").replace('"@concern@"', "{concern}")
    return re.sub(r"@([a-z]+)@", r"{\1}", doubled)


def _nothing(shape: Shape) -> JsonValue:
    if shape.many:
        return []
    return None if shape.optional else 0


def _opaque(number: int) -> str:
    """Return an id that is spread like a digest, the same for the same number."""
    spread = (number * 0x9E3779B97F4A7C15F39CC0605CEDC835 + 1) % 2**130
    return "".join(_LETTERS[spread >> 5 * place & 31] for place in range(26))


def _periods() -> list[Period]:
    days = [_FIRST + timedelta(days=number * _DAYS) for number in range(_TERMS + 1)]
    return [
        Period(
            name=f"Term {number}",
            first=first,
            last=after - timedelta(days=1),
            begins=f"{first}T00:00:00Z",
            ends=f"{after}T00:00:00Z",
        )
        for number, (first, after) in enumerate(pairwise(days), 1)
    ]


def _peak() -> int:
    """Return this process's greatest memory in bytes."""
    on_windows = getattr(psutil.Process().memory_info(), "peak_wset", None)
    if on_windows is not None:
        return int(on_windows)
    import resource  # noqa: PLC0415 - Windows has none

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


def main(name: str, folder: str) -> None:
    """Run one way and tell what it took."""
    start = time.perf_counter()
    pictures = _WAYS[name](Path(folder))
    seconds = time.perf_counter() - start
    told = {"seconds": seconds, "peak": _peak(), "pictures": pictures}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
