# SPDX-License-Identifier: Apache-2.0
"""The shapes that a ledger entry's field may have: codes of closed lists, digests, ids, counts.

Boundary: no kinds here, only what their fields may look like. Nothing that a person types fits.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from agent.core.canonical import JsonValue
from agent.core.case import Original
from agent.core.concerns import Concern, Verdict
from agent.core.desk import Settled
from agent.core.model import Coverage, Grade
from agent.core.statements import StatementKind

ID_PATTERN: Final = r"[a-z0-9]{1,64}(?:\.[a-z0-9]{1,64}){0,3}"
ID: Final = re.compile(ID_PATTERN)
OPAQUE: Final = re.compile(r"[a-z2-7]{26}")
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
LEDGER: Final = re.compile(r"(?:office-)?[a-z2-7]{26}")
"""A station's id, or the office's own ledger by the vault's id."""
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a field's value must look like; without a pattern it is a count."""

    pattern: re.Pattern[str] | None = None
    optional: bool = False
    many: bool = False

    def fits(self, value: JsonValue) -> bool:
        """Tell whether a value has this shape."""
        if value is None:
            return self.optional
        if self.many:
            return isinstance(value, list) and all(map(self._one, value))
        return self._one(value)

    def _one(self, value: JsonValue) -> bool:
        if self.pattern is None:
            return isinstance(value, int) and not isinstance(value, bool) and value >= 0
        return isinstance(value, str) and self.pattern.fullmatch(value) is not None


def one_of(words: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of a closed list; a name has the shape of a word, but is not on it."""
    return re.compile("|".join(map(re.escape, words)))


COUNT: Final = Shape()
CONCERN: Final = one_of(concern.code for concern in Concern)
VERDICT: Final = one_of(verdict.name for verdict in Verdict)
GRADE: Final = one_of(grade.value for grade in Grade)
COVERAGE: Final = one_of(coverage.value for coverage in Coverage)
ORIGINAL: Final = one_of(original.value for original in Original)
CASE: Final = Shape(OPAQUE)
SETTLED: Final = one_of(settled.value for settled in Settled)
SAYS: Final = one_of(kind.value for kind in StatementKind)
INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
VERSION: Final = re.compile(
    r"[0-9]{1,4}(?:\.[0-9]{1,4}){1,3}(?:(?:a|b|rc|\.post|\.dev)[0-9]{1,4})?"
)
ENDING: Final = re.compile("stopped|cut")
YES_OR_NO: Final = re.compile("yes|no")
PAIR: Final = re.compile(r"[a-z2-7]{26}\.[a-z2-7]{26}")
