# SPDX-License-Identifier: Apache-2.0
"""The gates that every change passes: linter, formatter, types, locks, words never to appear."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def tracked_texts() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


@pytest.mark.parametrize(
    "arguments",
    [
        ["ruff", "check", "--no-cache", "."],
        ["ruff", "format", "--no-cache", "--check", "."],
        ["mypy", "--no-incremental"],
    ],
    ids=["linter", "formatter", "types"],
)
def test_a_tool_finds_nothing(arguments: list[str]) -> None:
    result = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]


def test_each_exception_of_the_linter_has_its_reason() -> None:
    bare = re.compile(r"# noqa(?!: [A-Z]+[0-9]+(?:, [A-Z]+[0-9]+)* - .)")
    told = re.compile(r"# type: ignore(?!\[[a-z-]+\]  # .)")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_texts()
        if path.suffix == ".py" and path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if bare.search(line) or told.search(line)
    ]
    assert found == []


def test_every_module_says_its_job() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in tracked_texts()
        if path.suffix == ".py" and '"""' not in path.read_text("utf-8")[:200]
    ]
    assert silent == []


# A promise instead of code, a place on somebody's machine, the address of an index.
_UNWANTED = re.compile(r"\b(?:TODO|FIXME|XXX)\b|/(?:home|opt|root|Users)/|index-url|--find-links")


def test_no_promise_no_machine_path_no_index_address() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match.group()}"
        for path in tracked_texts()
        if path != Path(__file__)
        and path.suffix in {".py", ".md", ".toml", ".txt", ".lock", ".ps1", ".csv", ""}
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (match := _UNWANTED.search(line))
    ]
    assert found == []


def pinned(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text("utf-8")
    return {
        canonicalize_name(found.group(1)): found.group(2)
        for found in re.finditer(
            r"^([A-Za-z0-9_.-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", text, re.MULTILINE
        )
    }


def declared(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = list(project["dependencies"])
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    wanted = [Requirement(line) for line in lines]
    own = [one for one in wanted if one.name == project["name"]]
    inner = [other for one in own for other in declared(*sorted(one.extras))]
    return [one for one in wanted if one not in own] + inner


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("requirements.lock", ()),
        ("requirements-office.lock", ("office", "postgres")),
        ("requirements-test.lock", ("test",)),
    ],
)
def test_the_lock_satisfies_every_declared_dependency(lock: str, extras: tuple[str, ...]) -> None:
    versions = pinned(lock)
    for wanted in declared(*extras):
        assert versions[canonicalize_name(wanted.name)] in wanted.specifier, wanted.name


@pytest.mark.parametrize(
    "lock", ["requirements.lock", "requirements-office.lock", "requirements-test.lock"]
)
def test_every_locked_package_has_a_digest(lock: str) -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text("utf-8"))
    packages = [block for block in blocks if "==" in block.partition("\n")[0]]
    assert packages
    assert [block for block in packages if "--hash=sha256:" not in block] == []


def test_architecture_names_every_direct_dependency() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    direct = declared("office", "postgres")
    missing = [r.name for r in direct if not re.search(rf"^\| `{r.name}", text, re.MULTILINE)]
    assert missing == []


def test_every_test_that_the_architecture_names_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text)
    assert len(named) >= 10
    for path, function in named:
        source = (ROOT / path).read_text("utf-8")
        assert not function or f"def {function}(" in source, f"{path}::{function}"


def links() -> list[tuple[Path, str]]:
    return [
        (path, target)
        for path in tracked_texts()
        if path.suffix == ".md"
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    ]


def test_every_link_between_documents_leads_somewhere() -> None:
    assert links()
    dead = [f"{path.name} -> {to}" for path, to in links() if not (path.parent / to).exists()]
    assert dead == []
