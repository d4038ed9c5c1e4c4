# SPDX-License-Identifier: Apache-2.0
"""Canonical JSON: one text for one value, so that digests and signatures mean something.

A subset of RFC 8785: objects, arrays, strings, integers within 2^53, booleans and null; no
fractions. Keys are sorted by UTF-16 code units. Reading is strict: what does not re-encode to the
same bytes is refused.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

JsonValue = None | bool | int | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]

_LARGEST: Final = 2**53 - 1
_WRITER: Final = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
)


def encode(value: JsonValue) -> bytes:
    """Return the one text of a value, in UTF-8.

    Raises:
        ValueError: a fraction, a number beyond 2^53 or a lone surrogate is in it.
    """
    return _text(value).encode("utf-8")


def decode(data: bytes) -> JsonValue:
    """Return the value of a canonical text.

    Raises:
        ValueError: it is not JSON, or not the one text of its value.
    """
    try:
        text = data.decode("utf-8")
        value: JsonValue = json.loads(
            text, parse_float=_refuse, parse_constant=_refuse, parse_int=_whole
        )
    except (ValueError, RecursionError) as error:
        raise ValueError("not canonical JSON") from error
    if not _is_plainly_canonical(text, value) and encode(value) != data:
        raise ValueError("JSON that is not written canonically")
    return value


def _is_plainly_canonical(text: str, value: JsonValue) -> bool:
    """Tell fast, for a million entries, that a text is canonical; "no" means: look properly.

    Below U+D800 the order of code points is that of UTF-16 code units, and what was just read
    holds nothing that the library would write in a way of its own.
    """
    is_simple = text.isascii() and "\\ud" not in text
    return is_simple and _WRITER.encode(value) == text


def _text(value: JsonValue) -> str:
    if isinstance(value, Mapping):
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
        return "{" + ",".join(f"{_string(k)}:{_text(v)}" for k, v in members) + "}"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Sequence):
        return "[" + ",".join(map(_text, value)) + "]"
    return _scalar(value)


def _scalar(value: object) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int) and abs(value) <= _LARGEST:
        return str(value)
    raise ValueError("only whole numbers within 2^53 have a canonical text")


def _string(text: str) -> str:
    """Return a string as RFC 8785 section 3.2.2.2 writes it."""
    return json.dumps(text, ensure_ascii=False)


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) > _LARGEST:
        raise ValueError("a number beyond 2^53")
    return number


def _refuse(_text: str) -> NoReturn:
    raise ValueError("a fraction")
