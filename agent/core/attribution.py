# SPDX-License-Identifier: Apache-2.0
"""From clues to a claim: who may be in frame, and how far the claim reaches.

A folder named after a class or group means "anyone on this roster may be in it" and covers
everyone; names in the file add people but never cover everyone by themselves. Nobody is ever
recognised: a name counts only when it equals a name on the register.
"""

from collections.abc import Iterable

from agent.core.model import Attribution, Clue, Coverage, Evidence, Tag, TagSource, Token
from agent.core.register import Register


def attribute(evidence: Evidence, register: Register) -> Attribution:
    """Return the claim who may be in frame, resolved on a register."""
    rosters = sorted(r.id for r in register.rosters.values() if r.names & evidence.folders)
    named = [tag for tag in evidence.tags if tag.name is not None]
    found = [_bearers(tag.name, register) for tag in named]
    tagged = {tokens[0] for tokens in found if len(tokens) == 1}
    return Attribution(
        coverage=_coverage(has_roster=bool(rosters), has_tag=bool(tagged)),
        rosters=tuple(rosters),
        tagged=tuple(sorted(tagged)),
        unknown_names=_unknown(named, found),
        ambiguous_names=sum(len(tokens) > 1 for tokens in found),
        unnamed_faces=sum(tag.name is None for tag in evidence.tags),
    )


def subjects(attribution: Attribution, register: Register) -> frozenset[Token]:
    """Return everyone who may be in frame: the rosters' members and the people tagged."""
    known = [register.rosters[i].members for i in attribution.rosters if i in register.rosters]
    return frozenset(attribution.tagged).union(*known)


def _bearers(name: Clue | None, register: Register) -> list[Token]:
    return sorted(p.token for p in register.people.values() if name in p.names)


def _unknown(named: Iterable[Tag], found: Iterable[list[Token]]) -> int:
    """Count names that nobody on the register bears; an ordinary keyword is no name."""
    return sum(
        not tokens and tag.source is not TagSource.KEYWORD
        for tag, tokens in zip(named, found, strict=True)
    )


def _coverage(*, has_roster: bool, has_tag: bool) -> Coverage:
    if has_roster:
        return Coverage.EVERYONE
    return Coverage.SOME if has_tag else Coverage.UNKNOWN
