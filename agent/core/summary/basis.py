# SPDX-License-Identifier: Apache-2.0
"""What the rules that make sentences stand on, and what a sentence is."""

from collections.abc import Callable
from dataclasses import dataclass

from agent.core.summary.facts import Governance, Heading, Records, Stored, Trust
from agent.core.summary.figures import Figures
from agent.core.summary.numbers import Exact, Shown, Veiled
from agent.core.summary.words import plural


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Everything that a rule may look at; `figures` is None where the school is too small."""

    heading: Heading
    figures: Figures | None
    records: Records
    governance: Governance
    trust: Trust
    stored: Stored | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence: the rule that made it, its words, and what is asked of the board, if anything.

    `board` is a verb (Decide, Agree, Note) and what follows it.
    """

    rule: str
    text: str
    board: tuple[str, str] | None = None


Rule = Callable[[Basis], Sentence | None]


def figure(basis: Basis, key: str) -> Shown | None:
    """Return what is shown of a count of the present term."""
    return None if basis.figures is None else basis.figures.get(key)


def some(basis: Basis, key: str) -> bool:
    """Tell whether a count is known to be above nought."""
    shown = figure(basis, key)
    return shown.value > 0 if isinstance(shown, Exact) else isinstance(shown, Veiled)


def counted(shown: Shown | None, one: str, many: str) -> str:
    """Return a count and its noun, as it begins a sentence."""
    if isinstance(shown, Exact):
        return plural(shown.value, one, many)
    return f"Fewer than 5 {many}" if shown is Veiled.FEWER else f"Some {many}"
