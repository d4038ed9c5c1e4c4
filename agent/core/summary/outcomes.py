# SPDX-License-Identifier: Apache-2.0
"""What became of a picture, in the few groups that a report names: kept, or the gravest reason."""

from collections.abc import Sequence
from enum import Enum
from typing import Final

from agent.core.canonical import JsonValue


class Outcome(Enum):
    """One group of a report: its code, its row's words."""

    KEPT = ("kept", "Kept, with permission")
    PERMISSION = ("permission", "Held: permission missing, refused or withdrawn")
    PEOPLE = ("people", "Held: nobody has said who is in it")
    DEVICE = ("device", "Held: not shown to be from a school device")
    FILE = ("file", "Held: the file cannot be cleaned or read")
    SYSTEM = ("system", "Held: register or clock out of order")

    def __init__(self, code: str, words: str) -> None:
        self.code = code
        self.words = words


_GROUPS: Final = {
    "permission": Outcome.PERMISSION,
    "device": Outcome.DEVICE,
    "people": Outcome.PEOPLE,
    "card": Outcome.PEOPLE,
    "sitting": Outcome.PEOPLE,
    "media": Outcome.FILE,
}
_GRAVEST_FIRST: Final = (
    Outcome.FILE,
    Outcome.PERMISSION,
    Outcome.DEVICE,
    Outcome.PEOPLE,
    Outcome.SYSTEM,
)


def outcome_of(verdict: JsonValue, concerns: Sequence[JsonValue]) -> Outcome:
    """Return the group of a decision; a picture with several reasons counts once, for one.

    A file that cannot be read says nothing about people, so that reason stands before all others.
    """
    if verdict == "KEEP":
        return Outcome.KEPT
    groups = {_GROUPS.get(str(code).partition(".")[0], Outcome.SYSTEM) for code in concerns}
    return next((one for one in _GRAVEST_FIRST if one in groups), Outcome.SYSTEM)
