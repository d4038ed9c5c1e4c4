# SPDX-License-Identifier: Apache-2.0
"""Changes to a computer as values: told in a dry run, carried out otherwise, in the same order.

Boundary: files, owners and calls of the system's own tools. What is to be done is decided by pure
functions (`service.systemd.unit`, `service.launchd.plist`), so a dry run tells exactly what an
installation does.
"""

import os
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent import durable
from agent.core.errors import ConfigurationError, UnavailableError

CALL_SECONDS: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFile:
    """Put a file there, whole, in place of an older one."""

    path: Path
    content: str
    mode: int = 0o644

    def told(self) -> str:
        """Say it in a sentence."""
        return f"Write {self.path}."


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFile:
    """Take a file away; no matter if it has gone."""

    path: Path

    def told(self) -> str:
        """Say it in a sentence."""
        return f"Remove {self.path}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Call a tool of the system; `quietly` where it may fail because there is nothing to do."""

    words: tuple[str, ...]
    quietly: bool = False

    def told(self) -> str:
        """Say it in a sentence."""
        return f"Call {' '.join(self.words)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Give:
    """Make an account the owner of a folder and what is in it.

    Links are never followed, in no part of a path. Where other people write (an import folder)
    only the folders change their owner: a file there may be a second name of one elsewhere.
    """

    path: Path
    account: str
    files: bool = True

    def told(self) -> str:
        """Say it in a sentence."""
        what = "what is in it" if self.files else "the folders in it"
        return f"Make {self.account} the owner of {self.path} and {what}."


Step = WriteFile | RemoveFile | Call | Give

Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


def run_tool(words: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Call a tool of the system and return what it said.

    Raises:
        ConfigurationError: it is not there.
        UnavailableError: it did not answer in time.
    """
    try:
        return subprocess.run(  # noqa: S603 - fixed tools, no shell
            list(words),
            capture_output=True,
            text=True,
            check=False,
            timeout=CALL_SECONDS,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"the system's tool {words[0]} is not there",
            code="service.no_manager",
            remedy="This system keeps services in another way; start `photowarden run` with that.",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(
            f"{words[0]} did not answer within {CALL_SECONDS} seconds",
            code="service.timeout",
            remedy="Look at the system's log, then try again; every step may be repeated.",
        ) from error


def carry_out(steps: Iterable[Step], run: Run = run_tool) -> None:
    """Do the steps one after the other; each may be repeated.

    Raises:
        ConfigurationError: this account may not do that, or a tool refused.
        UnavailableError: a tool did not answer in time.
    """
    for step in steps:
        try:
            _do(step, run)
        except PermissionError as error:
            raise ConfigurationError(
                "this account may not change services of this computer",
                code="service.not_administrator",
                remedy="Run the command again as administrator (sudo).",
            ) from error


def _do(step: Step, run: Run) -> None:
    match step:
        case WriteFile():
            step.path.parent.mkdir(parents=True, exist_ok=True)
            durable.replace(step.path, [step.content.encode("utf-8")])
            step.path.chmod(step.mode)
        case RemoveFile():
            step.path.unlink(missing_ok=True)
        case Give():
            _give(step)
        case Call():
            done = run(step.words)
            if done.returncode != 0 and not step.quietly:
                raise _refused(step, done)


def _refused(step: Call, done: "subprocess.CompletedProcess[str]") -> ConfigurationError:
    said = (done.stderr or done.stdout).strip().splitlines()
    return ConfigurationError(
        f"{' '.join(step.words)} failed with {done.returncode}: {said[0] if said else 'no words'}",
        code="service.refused",
        remedy="Run the command as administrator; every step may be repeated.",
    )


def _give(step: Give) -> None:
    """Change the owner and leave the group: who may put pictures there stays able to."""
    import pwd  # noqa: PLC0415 - POSIX only

    try:
        number = pwd.getpwnam(step.account).pw_uid
    except KeyError as error:
        raise ConfigurationError(
            f"the account {step.account} is not there",
            code="service.no_account",
            remedy="Make the account, or name another one with --account.",
        ) from error
    for _, folders, files, here in os.fwalk(step.path):
        os.chown(here, number, -1)
        for name in [*folders, *(files if step.files else [])]:
            os.chown(name, number, -1, dir_fd=here, follow_symlinks=False)
