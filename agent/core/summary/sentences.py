# SPDX-License-Identifier: Apache-2.0
"""The sentences of a report: each is made by one rule from figures, and says how far it reaches.

Rule: no sentence claims what the ledger cannot know. Nobody can record a phone that never met a
school computer, so "every picture" is "every picture that came through a school computer".
"""

from collections.abc import Callable, Iterator
from typing import Final

from agent.core.summary import figures as cell
from agent.core.summary.assurance import ASSURANCE
from agent.core.summary.attention import ATTENTION, silence
from agent.core.summary.basis import Basis, Rule, Sentence, some
from agent.core.summary.words import number_word

_MOST: Final = 5


def in_short(basis: Basis) -> tuple[str, list[Sentence]]:
    """Return the line of the status and three to five sentences, what needs attention first."""
    urgent = list(said(ATTENTION, basis))
    calm = list(said(ASSURANCE, basis))
    shown = [*urgent[: _MOST - 2], *calm][:_MOST]
    if not urgent:
        return "Nothing needs the board's attention beyond what follows.", shown
    noun = "matter needs" if len(urgent) == 1 else "matters need"
    return f"{number_word(len(urgent))} {noun} the board's attention.", shown


def for_the_board(basis: Basis) -> list[tuple[str, str]]:
    """Return what the board is asked: (verb, what), one line a matter; never empty."""
    asked = [one.board for one in said(ATTENTION, basis) if one.board is not None]
    return [*asked, ("Note", "this report, and file it with the minutes: its fingerprint counts.")]


def questions(basis: Basis) -> list[str]:
    """Return questions that governors may wish to ask, the nearest first."""
    asked = [text for text, when in _QUESTIONS if when(basis)]
    return [*asked, *_ALWAYS_ASKED][:3]


def said(rules: tuple[Rule, ...], basis: Basis) -> Iterator[Sentence]:
    """Yield what these rules say."""
    for rule in rules:
        sentence = rule(basis)
        if sentence is not None:
            yield sentence


_QUESTIONS: Final[tuple[tuple[str, Callable[[Basis], bool]], ...]] = (
    (
        "What would stop the breach from happening again?",
        lambda basis: bool(basis.governance.breaches),
    ),
    (
        "Who did not give a choice, and are they all in one year group?",
        lambda basis: some(basis, cell.UNANSWERED),
    ),
    (
        "How long do pictures wait until somebody says who is in them?",
        lambda basis: some(basis, cell.ELSE),
    ),
    (
        "Were the computers that wrote nothing out of use, or was the program off?",
        lambda basis: silence(basis) is not None,
    ),
)
_ALWAYS_ASKED: Final = (
    "Does every class have a school camera or iPad when it needs one?",
    "When did somebody outside the office last check the fingerprint?",
    "Which pictures left the school in this period, and who allowed it?",
)
