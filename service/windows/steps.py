# SPDX-License-Identifier: Apache-2.0
"""What a plan is made of: steps that `install.ps1` carries out one by one, and a way back.

Each kind of step is one class here and one function there, with the same name and the same
fields (`tests/windows/test_boundary.py` compares them). Every path and every word is final: the
script decides nothing.

Boundary: pure.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Final

FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change; `target` and `action` are what `-WhatIf` says."""

    do: ClassVar[str]
    target: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeLock(Step):
    """Make the file that keeps a second installation out; it must not be there."""

    do: ClassVar[str] = "take_lock"
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeFolder(Step):
    """Make a folder with its parents; one that is there stays."""

    do: ClassVar[str] = "make_folder"
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFolder(Step):
    """Remove a folder with everything in it; an absent one is no fault."""

    do: ClassVar[str] = "remove_folder"
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFile(Step):
    """Remove a file; an absent one is no fault."""

    do: ClassVar[str] = "remove_file"
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteText(Step):
    """Write lines of ASCII beside and give them the final name, in place of an older file."""

    do: ClassVar[str] = "write_text"
    path: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Step):
    """Run a program and check its exit code; 0 is right, and what `accept` lists beside it."""

    do: ClassVar[str] = "run"
    program: str
    arguments: tuple[str, ...]
    accept: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRegistry(Step):
    """Set one text value below a key, making the key."""

    do: ClassVar[str] = "set_registry"
    key: str
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRegistry(Step):
    """Remove a key; an absent one is no fault."""

    do: ClassVar[str] = "remove_registry"
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopService(Step):
    """Stop a service and wait for its end; an absent or stopped one is no fault."""

    do: ClassVar[str] = "stop_service"
    service: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StartService(Step):
    """Start a service; wait until it runs, and has run for `steady` seconds."""

    do: ClassVar[str] = "start_service"
    service: str
    seconds: int
    steady: int


STEPS: Final[tuple[type[Step], ...]] = (
    TakeLock,
    MakeFolder,
    RemoveFolder,
    RemoveFile,
    WriteText,
    Run,
    SetRegistry,
    RemoveRegistry,
    StopService,
    StartService,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do, in order, and what to say at the end.

    When step number `back_from` or a later one fails, the steps of `back` are carried out and the
    script ends with 1603. `afterwards` is carried out in every case but one: when the lock was not
    to be had, because another installation has it (1618).
    """

    verb: str
    state: str
    code: str
    exit: int
    message: str
    remedy: str = ""
    steps: tuple[Step, ...] = ()
    back_from: int = 0
    back: tuple[Step, ...] = ()
    afterwards: tuple[Step, ...] = field(default=())

    def to_json(self) -> str:
        """Return the plan in one line of ASCII, which every console passes on unharmed."""
        plain: dict[str, Any] = {"format": FORMAT} | asdict(self)
        for name in ("steps", "back", "afterwards"):
            plain[name] = [{"do": step.do} | asdict(step) for step in getattr(self, name)]
        return json.dumps(plain, ensure_ascii=True)
