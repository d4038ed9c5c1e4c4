# SPDX-License-Identifier: Apache-2.0
"""The console's measurement: it is under `bench`, and it measures what it says."""

import json
import subprocess
import sys

import pytest


def run(*words: str) -> str:
    command = [sys.executable, "-c", "from service.program import main; main()", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_bench_lists_the_console_beside_the_stations_measurements() -> None:
    listed = run("bench", "--help")
    assert "console" in listed
    assert "pipeline" in listed


@pytest.mark.slow
def test_every_page_is_measured_together_and_alone_and_a_sheet_beside_them() -> None:
    words = ("--pupils", "60", "--clients", "2", "--seconds", "1", "--json")
    rows = [json.loads(line) for line in run("bench", "console", *words).splitlines()]
    assert [(row["page"], row["people"]) for row in rows] == [
        ("search", 2),
        ("search", 1),
        ("one class", 2),
        ("one class", 1),
        ("one class, from a sheet with openpyxl", 1),
    ]
    assert all(row["requests"] > 0 and row["median_ms"] > 0 for row in rows)
