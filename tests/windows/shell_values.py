# SPDX-License-Identifier: Apache-2.0
"""Values of PowerShell, what operators make of them, what ends a block; as `install.ps1` needs."""

import fnmatch
import re
from collections.abc import Callable
from typing import Any, Protocol

_ESCAPES = {"n": "\n", "t": "\t", "`": "`", '"': '"', "$": "$"}


class ShellError(Exception):
    """An error of the script: what `throw` and failing commands raise; `$_` in `catch`."""


class Returned(Exception):  # noqa: N818 - control flow
    def __init__(self, things: list[Any]) -> None:
        self.things = things


class Continued(Exception):  # noqa: N818 - control flow
    pass


class Exited(Exception):  # noqa: N818 - control flow
    def __init__(self, code: int) -> None:
        self.code = code


class Windows(Protocol):
    """What commands and programs do; `Shell` knows the language only."""

    variables: dict[str, Any]
    environment: dict[str, str]

    def cmdlet(self, name: str, named: dict[str, Any], rest: list[Any], piped: list[Any]) -> Any:
        """Run a cmdlet and return what it puts out; a list is several things."""
        ...

    def program(self, path: str, arguments: list[str]) -> tuple[int, list[str]]:
        """Run a program; return its exit code and the lines that it printed."""
        ...


def cast(kind: str, value: Any) -> Any:
    """Return a value as a type constraint makes it; an absent one as its default."""
    return _CASTS[kind](value)


def unrolled(value: Any) -> list[Any]:
    """Return what a value becomes in a pipeline: nothing, one thing, or a list's things."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def rolled(things: list[Any]) -> Any:
    """Return what is read from an output: nothing, the one thing, or a list."""
    return (things[0] if things else None) if len(things) < 2 else things


def true(value: Any) -> bool:
    """Return a value as a condition sees it."""
    if isinstance(value, list):
        return bool(value) and (len(value) > 1 or true(value[0]))
    return bool(value)


def text(value: Any) -> str:
    """Return a value as a string shows it."""
    if isinstance(value, list):
        return " ".join(map(text, value))
    return "" if value is None else str(value)


def unescaped(raw: str) -> str:
    """Return the inside of a double-quoted string."""
    return re.sub(r"`(.)", lambda found: _ESCAPES[found.group(1)], raw)


def plus(left: Any, right: Any) -> Any:
    """Return a sum: lists are joined, texts are joined, numbers are added."""
    if isinstance(left, list):
        return left + unrolled(right)
    return left + (text(right) if isinstance(left, str) else right)


def compared(word: str, left: Any, right: Any) -> Any:
    """Return what a comparison operator makes of two values; texts know no capitals."""
    return _OPERATORS[word](left, right)


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool) or left is None or right is None:
        return left is right
    if isinstance(left, str) or isinstance(right, str):
        return text(left).lower() == text(right).lower()
    return bool(left == right)


def _matches(left: Any, right: Any) -> bool:
    return re.search(right, text(left), re.IGNORECASE) is not None


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "-eq": _same,
    "-ne": lambda left, right: not _same(left, right),
    "-gt": lambda left, right: left > right,
    "-ge": lambda left, right: left >= right,
    "-le": lambda left, right: left <= right,
    "-notcontains": lambda left, right: not any(_same(one, right) for one in unrolled(left)),
    "-join": lambda left, right: text(right).join(map(text, unrolled(left))),
    "-replace": lambda left, right: re.sub(right[0], right[1], text(left), flags=re.IGNORECASE),
    "-match": _matches,
    "-notmatch": lambda left, right: not _matches(left, right),
    "-like": lambda left, right: fnmatch.fnmatchcase(text(left).lower(), right.lower()),
}
_CASTS: dict[str, Callable[[Any], Any]] = {
    "": lambda value: value,
    "[string]": text,
    "[switch]": bool,
    "[int]": lambda value: int(value or 0),
    "[string[]]": lambda value: [text(item) for item in unrolled(value)],
    "[int[]]": lambda value: [int(item) for item in unrolled(value)],
    "[version]": lambda value: tuple(int(part) for part in text(value).split(".")),
}
