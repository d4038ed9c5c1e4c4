# SPDX-License-Identifier: Apache-2.0
"""Logs for operators: JSON lines, one canonical line a photo, keys from an allow-list.

A key that is not declared is dropped and counted, and a value that is neither number, code nor
opaque id is replaced, so no name and no path can get into a log by mistake. Logs may be lost; the
ledger may not.
"""

import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final, Protocol, TextIO, cast

import structlog

KEYS: Final = frozenset(
    {"event", "level", "timestamp", "case", "verdict", "concerns", "kind", "size", "stored"}
    | {"original", "count", "code", "seconds", "station", "known", "settling", "dropped"}
)
_SAFE: Final = re.compile(r"[A-Za-z0-9_.:+\-]{0,64}")

Line = MutableMapping[str, Any]


def only_declared(_logger: Any, _method: str, line: Line) -> Line:  # noqa: ANN401 - structlog
    """Drop keys that are not declared, and values that could be words of a person."""
    kept: dict[str, Any] = {key: _safe(value) for key, value in line.items() if key in KEYS}
    if len(kept) < len(line):
        kept["dropped"] = len(line) - len(kept)
    return kept


def _safe(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_safe(item) for item in value]
    text = str(value)
    return text if _SAFE.fullmatch(text) else "(hidden)"


class Stream(Protocol):
    """Where lines are written."""

    def write(self, text: str, /) -> int:
        """Write text."""
        ...

    def flush(self) -> None:
        """Hand what was written to the system."""
        ...


def configure(
    stream: Stream | None = None, seen: Callable[[Mapping[str, Any]], None] | None = None
) -> None:
    """Log JSON lines to standard error, or to a service's file; `seen` gets each line as well."""

    def shown(_logger: Any, _method: str, line: Line) -> Line:  # noqa: ANN401 - structlog
        if seen is not None:
            seen(dict(line))
        return line

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_declared,
            shown,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=cast(TextIO, stream or sys.stderr)),
        cache_logger_on_first_use=False,
    )
