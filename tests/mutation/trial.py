# SPDX-License-Identifier: Apache-2.0
"""Run tests against every mutant of a module: `python -m tests.mutation.trial MODULE TESTS...`.

One fresh process forks a child a mutant, as many at once as there are processors. The child serves
the mutant's text in place of the module and runs pytest, which stops at the first failure. A mutant
that fails a test, cannot be imported or does not end is killed. The answer is JSON on standard
output: how many mutants there are and the names of those that lived.

Rules:
    1. The module as it is must pass first; else every mutant would seem killed.
    2. Draws of hypothesis are derandomised, so a verdict about a mutant can be repeated.
    3. An exit of pytest that is neither "passed" nor "failed" is an error here, no kill.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import resource
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

import hypothesis
import hypothesis.strategies
import pytest

from tests.mutation.mutants import Mutant, mutants_of

_EXAMPLES: Final = 50
_CPU_SECONDS: Final = 30
_MEMORY_BYTES: Final = 4 << 30
_PASSED: Final = int(pytest.ExitCode.OK)
_FAILED: Final = frozenset({int(pytest.ExitCode.TESTS_FAILED), int(pytest.ExitCode.INTERRUPTED)})
_OPTIONS: Final = (
    "-x",
    "-q",
    "--import-mode=importlib",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:randomly",
    "-c",
    os.devnull,  # neither the warnings nor the plugins of the suite: they double the time
)


class _Substitute(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Serve a text in place of one module."""

    def __init__(self, module: str, text: str) -> None:
        self._module, self._text = module, text

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        return importlib.util.spec_from_loader(fullname, self) if fullname == self._module else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._text, self._module, "exec"), module.__dict__)  # noqa: S102 - the mutant of our own module


class _Repeatable:
    """Make hypothesis draw the same each time, and not spend time on shrinking."""

    def pytest_configure(self) -> None:
        hypothesis.settings.register_profile(
            "mutation",
            parent=hypothesis.settings.get_profile("default"),
            max_examples=_EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
        )
        hypothesis.settings.load_profile("mutation")


def trial(module: str, tests: Sequence[str]) -> tuple[int, list[str]]:
    """Return how many mutants a module has, and the names of those that the tests let live.

    Raises:
        RuntimeError: the tests fail on the module as it is, or pytest ended in no known way.
    """
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None or module in sys.modules:
        raise RuntimeError(f"{module} cannot be replaced")
    source = Path(spec.origin).read_text(encoding="utf-8")
    if list(_survivors(module, [Mutant(line="", column=0, what="none", text=source)], tests)) == []:
        raise RuntimeError(f"the tests fail on {module} as it is")
    mutants = mutants_of(source)
    return len(mutants), sorted(_survivors(module, mutants, tests))


def _survivors(module: str, mutants: Iterable[Mutant], tests: Sequence[str]) -> Iterator[str]:
    waiting, running = iter(mutants), {}
    while True:
        while len(running) < (os.cpu_count() or 1):
            mutant = next(waiting, None)
            if mutant is None:
                break
            running[_started(module, mutant, tests)] = mutant
        if not running:
            return
        child, status = os.wait()
        mutant = running.pop(child)
        if _lived(status, mutant):
            yield mutant.name


def _lived(status: int, mutant: Mutant) -> bool:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0 and code != _PASSED and code not in _FAILED:
        raise RuntimeError(f"pytest ended with {code} on {mutant.name}")
    return code == _PASSED


def _started(module: str, mutant: Mutant, tests: Sequence[str]) -> int:
    child = os.fork()
    if child == 0:
        code = int(pytest.ExitCode.INTERNAL_ERROR)
        try:
            code = _ran(module, mutant, tests)
        finally:
            os._exit(code)
    return child


def _ran(module: str, mutant: Mutant, tests: Sequence[str]) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.meta_path.insert(0, _Substitute(module, mutant.text))
    return int(pytest.main([*_OPTIONS, f"--rootdir={Path.cwd()}", *tests], plugins=[_Repeatable()]))


if __name__ == "__main__":
    count, names = trial(sys.argv[1], sys.argv[2:])
    sys.stdout.write(json.dumps({"mutants": count, "survivors": names}))
