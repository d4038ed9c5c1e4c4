# SPDX-License-Identifier: Apache-2.0
"""Read ledger lines fast: a million of them on a school's computer, each as strictly as one.

The lines of a kind are a regular language: fixed keys in canonical order, values of fixed shapes.
One match therefore says what decoding, checking and encoding again would say
(`agent.core.ledger.decode_entry`), and a line that does not match is given to that.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from agent.core.canonical import JsonValue
from agent.core.entry_shapes import ID_PATTERN, Shape
from agent.core.ledger import EntryKind, decode_entry

_COUNT: Final = r"(?:0|[1-9][0-9]{0,14})"  # sixteen digits may be beyond 2^53: the slow way
_AT: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
_END: Final = re.compile(rb'"kind":"([a-z._]+)"\}\Z')


class Line(NamedTuple):
    """One entry as its line says it: time (UTC, as text that sorts), body, id, code of its kind."""

    at: str
    body: Mapping[str, JsonValue]
    id: str
    kind: str


def read_line(line: bytes) -> Line:
    """Return the entry of a canonical line.

    Raises:
        ValueError: the line is not exactly what `Entry.encoded` writes.
    """
    end = _END.search(line, max(0, len(line) - 80))
    language = _LANGUAGES.get(end[1]) if end else None
    if language is None or not language.fullmatch(line):
        decode_entry(line)
    plain = json.loads(line)
    datetime.fromisoformat(plain["at"])
    return Line(plain["at"], plain["body"], plain["id"], plain["kind"])


def _language(kind: EntryKind) -> re.Pattern[bytes]:
    fields = ",".join(f'"{name}":{_value(kind.fields[name])}' for name in sorted(kind.fields))
    text = (
        rf'\{{"at":"{_AT}","body":\{{{fields}\}},"id":"{ID_PATTERN}"'
        rf',"kind":"{re.escape(kind.code)}"\}}'
    )
    return re.compile(text.encode())


def _value(shape: Shape) -> str:
    one = _COUNT if shape.pattern is None else f'"(?:{shape.pattern.pattern})"'
    if shape.many:
        return rf"\[(?:{one}(?:,{one})*)?\]"
    return f"(?:null|{one})" if shape.optional else one


_LANGUAGES: Final = {kind.code.encode(): _language(kind) for kind in EntryKind}
