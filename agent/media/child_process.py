# SPDX-License-Identifier: Apache-2.0
"""The parent's side of a child process: start it, give it jobs, end it when it misbehaves.

The child is spawned, never forked, so it inherits no key and no open file. It stays warm between
jobs; after a crash, a time-out, too much memory or an answer of the wrong shape it is ended and the
next job gets a new one. Where the system has limits the child sets them itself; the parent watches
clock and memory in any case, since Windows has none.
"""

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO, Final, Self, cast

import agent
from agent.media import errors
from agent.media.errors import ChildFailed, MediaError
from agent.media.frames import read_frame, write_frame

ROOT: Final = Path(agent.__file__).resolve().parent.parent
LOOK_SECONDS: Final = 0.05
"""How often the parent looks at the memory of a child that is at work."""
_REFUSALS: Final = {
    kind.__name__: kind
    for kind in (errors.Malformed, errors.Unsupported, errors.TooBig, errors.ChildFailed)
}


class ChildProcess:
    """One warm child process, of a program of ours."""

    def __init__(self, program: str, job_seconds: float, memory_bytes: int) -> None:
        self._program = program
        self._job_seconds = job_seconds
        self._memory_bytes = memory_bytes
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Return the child; it starts with its first job."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        self.close()

    @property
    def process_id(self) -> int | None:
        """The system's number of the process; None while there is none."""
        return None if self._process is None else self._process.pid

    def close(self) -> None:
        """End the child; it has nothing to save."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    _close_quietly(pipe)
            process.wait()

    def _ask(self, job: dict[str, Any], data: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """Give the child one job and return its untrusted answer.

        Raises:
            ChildFailed: it has ended, was ended, or answered in another shape; other `MediaError`s
                where it refused.
        """
        process = self._started()
        done = threading.Event()
        threading.Thread(target=self._watch, args=(process, done), daemon=True).start()
        try:
            write_frame(cast(BinaryIO, process.stdin), job, data)
            untrusted_answer, result = read_frame(cast(BinaryIO, process.stdout))
        except (OSError, EOFError, ValueError, TypeError) as error:
            self.close()
            raise ChildFailed("the child that parses hostile bytes failed") from error
        finally:
            done.set()
        if "refused" in untrusted_answer:
            raise _refusal(untrusted_answer)
        return untrusted_answer, result

    def _watch(self, process: subprocess.Popen[bytes], done: threading.Event) -> None:
        """End a child that takes too long or too much, until its job is done."""
        until = time.monotonic() + self._job_seconds
        while not done.wait(min(LOOK_SECONDS, self._job_seconds)):
            if time.monotonic() >= until or _memory(process.pid) > self._memory_bytes:
                process.kill()
                return

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-I", "-B", "-c", self._program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_bare_environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                close_fds=True,
            )
        return self._process


def _memory(process_id: int) -> int:
    """Return the bytes that a process has taken for itself; none once it has ended."""
    import psutil  # noqa: PLC0415 - of no use to a command that starts no child

    try:
        taken = psutil.Process(process_id).memory_info()
    except psutil.Error:
        return 0
    return int(getattr(taken, "private", taken.rss))  # Windows counts what is promised, too


def _bare_environment() -> dict[str, str]:
    """Return the little that Python needs to start; Windows cannot do without its system root."""
    import os  # noqa: PLC0415 - one name, one use

    wanted = ("SYSTEMROOT", "LANG", "LC_ALL")
    return {name: os.environ[name] for name in wanted if name in os.environ}


def _refusal(untrusted_answer: dict[str, Any]) -> MediaError:
    """Return the child's refusal as an error of ours; its words are cut, its class is checked."""
    kind = _REFUSALS.get(str(untrusted_answer["refused"]), ChildFailed)
    return kind(str(untrusted_answer.get("why", ""))[:100])


def _close_quietly(pipe: Any) -> None:  # noqa: ANN401 - whatever Popen gives
    try:
        pipe.close()
    except OSError:
        return
