# SPDX-License-Identifier: Apache-2.0
"""From clues to a claim: who may be in frame, and how far the claim reaches.

A folder or a card of a class or group means "anyone on this roster may be in it" and covers
everyone; names in the file add people but never cover everyone by themselves. What a person says
about who is in the picture covers everyone too, and takes the place of the rosters. Nobody is ever
recognised: a name counts only when it equals a name on the register.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from agent.core.model import (
    Attribution,
    Clue,
    Coverage,
    Evidence,
    RosterId,
    Tag,
    TagSource,
    Token,
)
from agent.core.register import Register
from agent.core.sittings import Sitting


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What somebody who looked at a picture says beside the people whom they know in it."""

    is_everyone: bool = True
    """Whether nobody else is in it; without that the people are added and cover nobody else."""
    visitors: int = 0
    """Adults and visitors who are on no register: nobody has asked them about any purpose."""
    not_known: int = 0
    """People whom the one who looked does not know."""
    added_faces: int = 0
    """Faces that the computer missed."""
    too_small: tuple[int, ...] = ()
    """Numbers of counted faces, from 1, that are too small for anybody to be recognised."""

    def __post_init__(self) -> None:
        """Refuse a number below its least: a face too few would loosen a verdict."""
        counts = (self.visitors, self.not_known, self.added_faces)
        if min(counts) < 0 or any(number < 1 for number in self.too_small):
            raise ValueError("people and faces are counted from 0, and numbered from 1")


NOBODY_ELSE: Final = Present()
NOTHING_SAID: Final = Present(is_everyone=False)
"""With no people: as if nobody had said anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What people have said of a picture since it arrived: the most trusted evidence."""

    people: frozenset[Token] = frozenset()
    """Who is in it; nobody at all where there is none and `present` says that it is everyone."""
    present: Present = NOTHING_SAID
    absent: Mapping[RosterId, frozenset[Token]] = field(default_factory=dict)
    """Who of a roster was not at the sitting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What stands around a picture and not in it: its sitting, and what people have said."""

    sitting: Sitting | None = None
    said: Said = field(default_factory=Said)


ALONE = Context()


def attribute(evidence: Evidence, register: Register, context: Context = ALONE) -> Attribution:
    """Return the claim who may be in frame, resolved on a register."""
    rosters = rosters_of(evidence, register, context.sitting)
    named = [tag for tag in evidence.tags if tag.name is not None]
    found = [_bearers(tag.name, register) for tag in named]
    tagged = {tokens[0] for tokens in found if len(tokens) == 1}
    if context.sitting is not None and context.sitting.child is not None:
        tagged.add(context.sitting.child)
    said = context.said
    tagged |= said.people
    stated = said.present.is_everyone
    return Attribution(
        coverage=_coverage(has_all=bool(rosters) or stated, has_tag=bool(tagged)),
        rosters=rosters,
        tagged=tuple(sorted(tagged)),
        unknown_names=_unknown(named, found),
        ambiguous_names=sum(len(tokens) > 1 for tokens in found),
        unnamed_faces=sum(tag.name is None for tag in evidence.tags),
        stated=stated,
        absent=tuple(
            (roster, token) for roster in rosters for token in sorted(said.absent.get(roster, ()))
        ),
        visitors=said.present.visitors,
        not_known=said.present.not_known,
    )


def rosters_of(
    evidence: Evidence, register: Register, sitting: Sitting | None
) -> tuple[RosterId, ...]:
    """Return the classes and groups that folder and class card name."""
    found = {r.id for r in register.rosters.values() if r.names & evidence.folders}
    if sitting is not None and sitting.roster is not None:
        found.add(sitting.roster)
    return tuple(sorted(found))


def subjects(attribution: Attribution, register: Register) -> frozenset[Token]:
    """Return everyone who may be in frame: people tagged or stated, else the rosters' members too.

    Whoever was absent from the sitting is not counted among that roster's members.
    """
    tagged = frozenset(attribution.tagged)
    if attribution.stated:
        return tagged
    absent = frozenset(attribution.absent)
    return tagged | {
        token
        for roster in attribution.rosters
        if roster in register.rosters
        for token in register.rosters[roster].members
        if (roster, token) not in absent
    }


def _bearers(name: Clue | None, register: Register) -> list[Token]:
    return sorted(p.token for p in register.people.values() if name in p.names)


def _unknown(named: Iterable[Tag], found: Iterable[list[Token]]) -> int:
    """Count names that nobody on the register bears; an ordinary keyword is no name."""
    return sum(
        not tokens and tag.source is not TagSource.KEYWORD
        for tag, tokens in zip(named, found, strict=True)
    )


def _coverage(*, has_all: bool, has_tag: bool) -> Coverage:
    if has_all:
        return Coverage.EVERYONE
    return Coverage.SOME if has_tag else Coverage.UNKNOWN
