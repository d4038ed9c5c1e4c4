# SPDX-License-Identifier: Apache-2.0
"""Invented schools to make reports of, from nothing to 100,000 pictures; run it to write goldens.

Everything passes through the real fold, the real solver and the real rules; only the ledgers' lines
are made up, and the school's name holds what a layout could break on.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from agent.core.checkpoint import Checkpoint
from agent.core.ledger_lines import Line
from agent.core.merkle import EMPTY_ROOT
from agent.core.summary.basis import Basis
from agent.core.summary.facts import (
    Action,
    Breach,
    BreachRecord,
    Earlier,
    Governance,
    Handled,
    Heading,
    LedgerState,
    Records,
    Regulator,
    Stored,
    Trust,
)
from agent.core.summary.figures import Figures, RegisterCounts, shown_figures
from agent.core.summary.fold import Fold
from agent.core.summary.model import build
from agent.core.summary.outcomes import Outcome
from agent.core.summary.periods import Calendar, Period

GOLDEN = Path(__file__).parent / "golden"
CONCERN = {
    Outcome.KEPT: [],
    Outcome.PERMISSION: ["permission.refused"],
    Outcome.PEOPLE: ["people.unattributed"],
    Outcome.DEVICE: ["device.unregistered"],
    Outcome.FILE: ["media.unsupported"],
    Outcome.SYSTEM: ["register.stale"],
}
TERMS = (
    Period(
        name="Spring 2026",
        first=date(2026, 1, 5),
        last=date(2026, 3, 27),
        begins="2026-01-05T00:00:00Z",
        ends="2026-03-28T00:00:00Z",
    ),
    Period(
        name="Summer 2026",
        first=date(2026, 4, 13),
        last=date(2026, 7, 21),
        begins="2026-03-28T00:00:00Z",
        ends="2026-07-21T23:00:00Z",
        closes_year=True,
    ),
    Period(
        name="Autumn 2026",
        first=date(2026, 9, 1),
        last=date(2026, 12, 18),
        begins="2026-07-21T23:00:00Z",
        ends="2026-12-19T00:00:00Z",
    ),
)
GOOD = Governance(
    policy_review_due=date(2027, 3, 1),
    impact_assessment_due=date(2027, 5, 1),
    retention_review_due=date(2027, 5, 1),
    restore_tested=date(2026, 11, 12),
    restore_worked=True,
    staff_trained=31,
    staff=33,
    complaints=Handled(received=1, in_time=1),
)
BREACH = BreachRecord(
    reference="BR-3",
    month=date(2026, 11, 1),
    what=Breach.PERSONAL_DEVICE,
    done=Action.DELETED_WITNESSED,
    prevention=Action.CAMERA_PROVIDED,
    regulator=Regulator.NOT_NEEDED,
)
CHECKPOINT = (
    f"{Checkpoint(origin='photowarden/' + 'a' * 26, size=48213, root=EMPTY_ROOT).text()}\n"
    f"\N{EM DASH} photowarden.station/{'a' * 26} " + "A" * 92 + "\n"
)


def decided(case: int, outcome: Outcome, at: str, number: int = 1, **changes: object) -> Line:
    """Return the entry of one decision; `case` becomes an opaque id."""
    letters = "".join("abcdefghijklmnopqrstuvwxyz234567"[case >> 5 * n & 31] for n in range(26))
    body: dict[str, Any] = {
        "case": letters,
        "verdict": "KEEP" if outcome is Outcome.KEPT else "HOLD",
        "concerns": CONCERN[outcome],
        "register": "e" * 64,
        **changes,
    }
    return Line(at, body, f"{letters}.decided.{number}", "photo.decided")


def term_lines(day: str, start: int, counts: Mapping[Outcome, int]) -> Iterator[Line]:
    """Yield decisions on one day, so many of each outcome."""
    case = start
    for outcome, number in counts.items():
        for _ in range(number):
            yield decided(case, outcome, f"{day}T10:00:00Z")
            case += 1


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One school at one moment."""

    counts: tuple[Mapping[Outcome, int], ...]
    """For each term that there was, the last one Autumn 2026."""
    register: RegisterCounts | None = field(
        default_factory=lambda: RegisterCounts(listed=412, answered=388, refused=7)
    )
    governance: Governance = GOOD
    published: Mapping[str, Figures] = field(default_factory=dict)
    ledgers: int = 3
    yearly_only: bool = False
    school: str = "Larkfield Primary School"
    trust: Callable[[Trust], Trust] | None = None
    later: tuple[Line, ...] = ()


BUSY = {
    Outcome.KEPT: 1102,
    Outcome.PERMISSION: 121,
    Outcome.PEOPLE: 19,
    Outcome.DEVICE: 31,
    Outcome.FILE: 11,
}
SUMMER = {Outcome.KEPT: 1391, Outcome.PERMISSION: 180, Outcome.PEOPLE: 31, Outcome.DEVICE: 56}
SPRING = {Outcome.KEPT: 812, Outcome.PERMISSION: 101, Outcome.PEOPLE: 22, Outcome.FILE: 40}
SCENES: dict[str, Scene] = {
    "an ordinary term": Scene(
        counts=(SPRING, SUMMER, BUSY),
        governance=replace(GOOD, breaches=(BREACH,)),
        later=(
            *(decided(n, Outcome.KEPT, "2026-10-05T09:00:00Z", 2) for n in range(1813, 1830)),
            Line("2026-10-05T09:00:00Z", {}, "x.said.1", "people.stated"),
            Line("2026-10-05T09:00:00Z", {}, "x.said.2", "something.new"),
        ),
    ),
    "nothing at all": Scene(counts=({},), register=None, governance=Governance(), ledgers=1),
    "one picture": Scene(counts=({Outcome.KEPT: 1},), ledgers=1),
    "the first term": Scene(counts=({Outcome.KEPT: 41, Outcome.PEOPLE: 3, Outcome.PERMISSION: 9},)),
    "an empty term after a full one": Scene(counts=(SUMMER, {})),
    "a hundred thousand": Scene(
        counts=(
            {Outcome.KEPT: 30_210, Outcome.PERMISSION: 2_400},
            {Outcome.KEPT: 40_118, Outcome.PERMISSION: 3_971, Outcome.PEOPLE: 812},
            {Outcome.KEPT: 91_377, Outcome.PERMISSION: 7_519, Outcome.PEOPLE: 1_104},
        ),
        register=RegisterCounts(listed=2_014, answered=1_998, refused=31),
        ledgers=20,
    ),
    "a school of forty, in autumn": Scene(
        counts=(SPRING, SUMMER, {Outcome.KEPT: 12, Outcome.PERMISSION: 2}),
        register=RegisterCounts(listed=40, answered=38, refused=1),
        yearly_only=True,
        ledgers=1,
        school="Chapel-en-le-Frith \N{LATIN SMALL LETTER W WITH CIRCUMFLEX}yn <b>&amp;</b> #panic",
    ),
    "small numbers": Scene(
        counts=(
            {Outcome.KEPT: 30, Outcome.PERMISSION: 2, Outcome.PEOPLE: 3},
            {Outcome.KEPT: 22, Outcome.PERMISSION: 1, Outcome.DEVICE: 1},
            {Outcome.KEPT: 6, Outcome.PERMISSION: 3, Outcome.PEOPLE: 4, Outcome.FILE: 1},
        ),
        register=RegisterCounts(listed=61, answered=59, refused=1),
        ledgers=2,
    ),
    "much is wrong": Scene(
        counts=(SUMMER, BUSY),
        register=RegisterCounts(listed=412, answered=300, refused=25),
        governance=Governance(
            policy_review_due=date(2026, 3, 1),
            restore_tested=date(2025, 1, 1),
            breaches=(BREACH, replace(BREACH, reference="BR-4", regulator=Regulator.LATE)),
            complaints=Handled(received=3, in_time=1),
        ),
        trust=lambda trust: replace(
            trust,
            strangers=1,
            ledgers=(replace(trust.ledgers[0], faults=2, silent_days=23), *trust.ledgers[1:]),
            earlier=trust.earlier and replace(trust.earlier, still_there=False),
        ),
    ),
}


def model_of(scene: Scene) -> dict[str, Any]:
    """Return the model of a scene's report."""
    terms = TERMS[-len(scene.counts) :]
    fold = Fold(Calendar(terms))
    fold.begin("a" * 26)
    start = 0
    for term, counts in zip(terms, scene.counts, strict=True):
        for line in term_lines(term.first.isoformat(), start, counts):
            fold.take(line)
        start += sum(counts.values())
    for line in scene.later:
        fold.take(line)
    number = len(terms) - 1
    shown = (
        {}
        if scene.yearly_only
        else shown_figures(fold, list(range(len(terms))), scene.register, scene.published)
    )
    tally = fold.tally(number)
    basis = Basis(
        heading=_heading(scene),
        figures=shown["Autumn 2026"] if shown else None,
        records=Records(
            kinds=tally.kinds,
            last_register=date(2026, 11, 19),
            kept_unproven=tally.kept_unproven,
        ),
        governance=scene.governance,
        trust=_trust(scene) if scene.trust is None else scene.trust(_trust(scene)),
        stored=Stored(objects=9871, sound=9871) if scene.ledgers > 1 else None,
    )
    return build(basis, list(shown), shown, yearly=False)


def _heading(scene: Scene) -> Heading:
    return Heading(
        school=scene.school,
        term="Autumn 2026",
        first=date(2026, 9, 1),
        last=date(2026, 11, 20),
        until="2026-11-20T12:00:00Z",
        made=date(2026, 11, 20),
        meeting=date(2026, 12, 3),
        reviewed_by="the headteacher and the data protection officer",
    )


def _trust(scene: Scene) -> Trust:
    ledgers = tuple(
        LedgerState(
            label=f"Computer {n} (ab{n:02})",
            entries=16_071,
            new=3_802,
            signed=True,
            faults=0,
            last=date(2026, 11, 20),
            silent_days=n % 4,
            off_days=0,
            backwards=0,
        )
        for n in range(1, scene.ledgers + 1)
    )
    groups = "08733 87507 88494 80597 09369 45758 50304 43980 71631 78340 65345 49126"
    earlier = Earlier(made=date(2026, 7, 9), fingerprint=groups[::-1], still_there=True)
    return Trust(
        ledgers=ledgers,
        strangers=0,
        fingerprint=groups,
        checkpoint=CHECKPOINT,
        earlier=earlier if len(scene.counts) > 1 else None,
        checked=date(2026, 9, 24) if len(scene.counts) > 1 else None,
    )


def golden_path(name: str) -> Path:
    return GOLDEN / f"{name.replace(' ', '-').replace(',', '')}.json"


@cache
def golden_text(name: str) -> str:
    return json.dumps(model_of(SCENES[name]), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    for scene_name in SCENES:
        golden_path(scene_name).write_text(golden_text(scene_name), "utf-8")
