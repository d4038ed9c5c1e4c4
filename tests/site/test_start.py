# SPDX-License-Identifier: Apache-2.0
"""The program starts with what a command needs and no more."""

import json
import subprocess
import sys

import click
import pytest

from service.program import station
from tests.shared import REPOSITORY

PROGRAM = station.program
HEAVY = {"openpyxl", "numpy", "PIL", "onnxruntime", "django", "rich", "pydantic", "structlog"}


def imported(code: str) -> set[str]:
    """Return the heavy packages that a fresh interpreter has loaded after some code."""
    told = f"{code}\nimport json, sys; print(json.dumps(sorted({HEAVY!r} & set(sys.modules))))"
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=REPOSITORY, capture_output=True, check=True
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("service.program", set()),
        ("agent.cli.media_commands", set()),
        ("agent.cli.look_commands", {"pydantic"}),
        ("agent.cli.site_commands", {"pydantic"}),
        ("agent.daemon", {"pydantic", "structlog", "rich"}),
    ],
)
def test_a_command_imports_only_what_it_needs(module: str, allowed: set[str]) -> None:
    assert imported(f"import {module}") <= allowed


def test_the_check_sees_a_heavy_import() -> None:
    assert imported("import openpyxl") >= {"openpyxl", "numpy"}


def test_every_word_leads_to_its_command() -> None:
    context = click.Context(PROGRAM)
    words = PROGRAM.list_commands(context)
    assert {"init", "run", "clean", "status"} <= set(words)
    for word in words:
        command = PROGRAM.get_command(context, word)
        assert command is not None
        assert command.name == word
        assert command.get_short_help_str()
