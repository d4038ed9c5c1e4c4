# SPDX-License-Identifier: Apache-2.0
"""The diagnostics bundle: what a technician may send to a stranger who helps.

An allow-list and nothing else: every key is on it, and every value is a count, a flag, a version
or a word of a closed list. A school's name, a path, an account or a child's name has no place to
go; a value that does not fit is refused, so that a careless change fails and does not disclose.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Final

from agent.core.case import State
from agent.core.concerns import Concern, Verdict
from agent.core.troubles import Trouble

FORMAT: Final = "photowarden-diagnostics/1"

Plain = None | bool | int | str | list["Plain"] | Mapping[str, "Plain"]
Shape = type[int] | type[bool] | re.Pattern[str] | list["Shape"] | Mapping[str, "Shape"]


def _one_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words)))


_VERSION: Final = re.compile(
    r"[0-9]{1,5}(?:\.[0-9]{1,5}){0,3}(?:(?:a|b|rc|\.post|\.dev)[0-9]{1,4})?"
)
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_PACKAGES: Final = (
    *("watchdog", "pillow", "exifread", "cryptography", "defusedxml", "pydantic", "structlog"),
    *("click", "rich", "psutil", "openpyxl", "numpy", "onnxruntime", "pillow-heif", "zxing-cpp"),
    *("pywin32", "django", "typst"),
)
_KINDS: Final = (
    *("JPEG", "PNG", "WebP", "GIF", "BMP", "TIFF", "HEIF", "AVIF", "QuickTime", "MP4", "3GP"),
    *("camera RAW", "Matroska", "AVI", "MPEG transport stream", "Apple adjustment", "XMP"),
    "unknown",
)

PACKAGES: Final = _PACKAGES
"""Packages whose versions are told."""

_SHAPES: Final[Mapping[str, Shape]] = {
    "format": _one_of([FORMAT]),
    "at": _INSTANT,
    "program": _VERSION,
    "python": _VERSION,
    "system": _one_of(["linux", "darwin", "win32"]),
    "system_version": _VERSION,
    "packages": dict.fromkeys(_PACKAGES, _VERSION),
    "troubles": [_one_of(trouble.code for trouble in Trouble)],
    "verdicts": dict.fromkeys((verdict.name for verdict in Verdict), int),
    "concerns": dict.fromkeys((concern.code for concern in Concern), int),
    "kinds": dict.fromkeys(_KINDS, int),
    "states": dict.fromkeys((state.value for state in State), int),
    "ledger_entries": int,
    "register_version": int,
    "register_days_left": int,
    "stations": int,
    "import_folders": int,
    "keeps_originals": int,
    "free_mebibytes": int,
    "rehearsal": bool,
    "counts_faces": bool,
    "sends_mail": bool,
    "working": bool,
    "service": _one_of(["absent", "stopped", "starting", "running", "stopping", "unknown"]),
    "service_at_boot": bool,
    "service_exit_code": int,
}


def bundle_text(facts: Mapping[str, Plain]) -> str:
    """Return the bundle as JSON that a person can read before sending it.

    Raises:
        ValueError: a key is not on the list, or a value has another shape.
    """
    _check("the bundle", facts, _SHAPES)
    return json.dumps(facts, indent=2, sort_keys=True, ensure_ascii=True) + "\n"


def _check(where: str, value: Plain, shape: Shape) -> None:
    """Refuse a value that has not its shape; what is unknown is told as null."""
    if value is None:
        return
    if isinstance(shape, Mapping):
        inner = value if isinstance(value, Mapping) else {"": value}
        if not set(inner) <= set(shape):
            raise ValueError(f"{where} holds a key that is not on the list")
        for key, one in inner.items():
            _check(key, one, shape[key])
    elif isinstance(shape, list):
        for one in value if isinstance(value, list) else [[]]:
            _check(where, one, shape[0])
    elif not _fits(value, shape):
        raise ValueError(f"{where} has another shape than is allowed")


def _fits(value: Plain, shape: type[int] | type[bool] | re.Pattern[str]) -> bool:
    if isinstance(shape, re.Pattern):
        return isinstance(value, str) and shape.fullmatch(value) is not None
    return type(value) is shape
