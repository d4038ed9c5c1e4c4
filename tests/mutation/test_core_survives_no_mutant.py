# SPDX-License-Identifier: Apache-2.0
"""Every small fault planted in the core is caught by a test, or stands below with its reason.

All mutants are tried, none is sampled. A listed equivalent that is killed or gone must leave the
list, so the list cannot rot. Those that live and that nobody has judged yet are listed apart: that
list may only become shorter.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.equivalents import EQUIVALENT
from tests.mutation.mutants import mutants_of
from tests.mutation.unexamined import UNEXAMINED

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a trial forks a child a mutant")

ROOT = Path(__file__).parents[2]
LAW = (
    "test_law.py",
    "test_answers.py",
    "test_decide.py",
    "test_faces_said.py",
    "test_who_is_in_it.py",
    "test_marks_and_names.py",
    "test_groups.py",
    "test_properties.py",
)
LEDGER = ("test_ledger.py", "test_audit.py")
TESTS = {
    "attribution": LAW,
    "cards": ("test_cards.py",),
    "checkpoint": LEDGER,
    "clues": ("test_clues.py",),
    "consent": LAW,
    "decide": (*LAW, "test_copies.py"),
    "ledger": (*LEDGER, "test_ledger_kinds.py", "test_ledger_lines.py"),
    "ledger_audit": LEDGER,
    "merkle": ("test_merkle.py",),
    "provenance": ("test_provenance.py", *LAW),
    "sittings": ("test_sittings.py",),
    "snapshot": ("test_snapshot.py",),
}
PLANTED = "def is_adult(age: int) -> bool:\n    return age >= 18\n"


def survivors(module: str, tests: list[str], folder: Path = ROOT) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutation.trial", module, *tests],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(folder))),
            "PYTHONHASHSEED": "0",  # sets have one order, so a verdict can be repeated
        },
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return set(json.loads(done.stdout)["survivors"])


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("module", TESTS)
def test_no_mutant_of_the_core_lives(module: str) -> None:
    tests = [f"tests/core/{name}" for name in TESTS[module]]
    listed = EQUIVALENT.get(module, {})
    lived = survivors(f"agent.core.{module}", tests)
    known = set(listed) | set(UNEXAMINED.get(module, ()))
    assert sorted(lived - known) == []
    assert sorted(known - lived) == []


def planted(folder: Path, tests: str) -> set[str]:
    folder.joinpath("planted.py").write_text(PLANTED)
    test = folder / "test_planted.py"
    test.write_text(f"from planted import is_adult\n\n\ndef test_it():\n    assert {tests}\n")
    return survivors("planted", [str(test)], folder)


def test_a_weak_test_lets_a_mutant_live_and_it_is_reported(tmp_path: Path) -> None:
    lived = planted(tmp_path, "is_adult(30) and not is_adult(3)")
    assert lived == {
        "return age >= 18 @7: GtE 0 becomes Gt",
        "return age >= 18 @14: 18 becomes 17",
        "return age >= 18 @14: 18 becomes 19",
    }


def test_an_exact_test_lets_no_mutant_live(tmp_path: Path) -> None:
    assert planted(tmp_path, "is_adult(18) and is_adult(17) is False") == set()


def test_a_test_that_fails_without_a_fault_is_no_trial(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="fail on planted as it is"):
        planted(tmp_path, "is_adult(3)")


FAULTS = {
    "x = a < b": {"x = a <= b", "x = a >= b"},
    "x = a is b": {"x = a is not b"},
    "x = a and b": {"x = a or b", "x = True and b", "x = a and True"},
    "x = a or b": {"x = a and b", "x = False or b", "x = a or False"},
    "x = not a": {"x = not not a"},
    "x = f(1)": {"x = f(2)", "x = f(0)"},
    "x = f(True)": {"x = f(False)"},
    "x = {a, b}": {"x = {b}", "x = {a}"},
    "x = {a: b}": {"x = {}"},
    "if a:\n    raise b": {"if a:\n    pass"},
    "return a": {"return None", "return False"},
    "x = [Concern.A, Concern.B]": {
        "x = [Concern.B]",
        "x = [Concern.A]",
        "x = [Concern.B, Concern.B]",
        "x = [Concern.A, Concern.A]",
    },
    "a: f[1] = b": set(),
    '"a text"': set(),
}


@pytest.mark.parametrize("source", FAULTS)
def test_the_mutants_of_a_text_are_these(source: str) -> None:
    assert {mutant.text for mutant in mutants_of(source)} == FAULTS[source]
