# SPDX-License-Identifier: Apache-2.0
"""The size budget: small functions, small files; a limit that is met is a limit that is kept."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path for package in ("agent", "service", "config") for path in (ROOT / package).rglob("*.py")
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))

MEDIAN_FUNCTION = 10
LONG_FUNCTION = 30
LONGEST_FUNCTION = 50
LONGEST_FILE = 400


def function_lengths(text: str) -> Iterator[tuple[str, int]]:
    """Yield each function's name and lines, from `def` to its end, without its docstring."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            documented = ast.get_docstring(node, clean=False) is not None
            said = node.body[0]
            saying = (said.end_lineno or 0) - said.lineno + 1 if documented else 0
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - saying


def all_lengths() -> dict[str, int]:
    return {
        f"{path.relative_to(ROOT)}:{name}": lines
        for path in SOURCES
        for name, lines in function_lengths(path.read_text("utf-8"))
    }


def test_there_is_code_to_measure() -> None:
    assert len(SOURCES) > 50
    assert len(all_lengths()) > 400


def test_the_median_function_is_short() -> None:
    assert statistics.median(all_lengths().values()) <= MEDIAN_FUNCTION


def test_nineteen_functions_of_twenty_are_not_long() -> None:
    assert statistics.quantiles(all_lengths().values(), n=20)[-1] <= LONG_FUNCTION


def test_no_function_is_too_long() -> None:
    assert {n: length for n, length in all_lengths().items() if length > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("paths", [SOURCES, TESTS], ids=["sources", "tests"])
def test_no_file_is_too_long(paths: list[Path]) -> None:
    lengths = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in paths}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_the_measure_sees_a_long_function() -> None:
    body = "".join(f"    x{n} = {n}\n" for n in range(60))
    assert dict(function_lengths(f'def long() -> None:\n    """Say."""\n{body}')) == {"long": 61}
