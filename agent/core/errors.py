# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with us, sorted by what the caller should do.

    AgentError                  code, exit_code, remedy; diagnostics() for people
    |- ConfigurationError  2    do not start: a person must change a setting
    |- UnavailableError    3    wait and try again: the photo stays where it is
    `- IntegrityError      4    stop and tell a person: our own records disagree

Missing consent, unknown people and unreadable files are answers, not errors: see
`agent.core.concerns`. Messages and remedies never carry personal data: no name, no file name, no
path inside an import folder.
"""

from typing import ClassVar


class AgentError(Exception):
    """Say what happened, to what, what was expected; `remedy` says what the reader can do."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, code: str, remedy: str) -> None:
        super().__init__(message)
        self.code = code
        self.remedy = remedy

    def diagnostics(self) -> str:
        """Return a paragraph for people: the message, then what to do about it."""
        return f"{self}\nWhat to do: {self.remedy}"


class ConfigurationError(AgentError):
    """A setting, a key or a marker is not what it must be: do not start."""

    exit_code: ClassVar[int] = 2


class UnavailableError(AgentError):
    """The world is not there at the moment (share, disk, lock): wait and try again."""

    exit_code: ClassVar[int] = 3


class IntegrityError(AgentError):
    """Our own records disagree with one another: stop and tell a person."""

    exit_code: ClassVar[int] = 4
