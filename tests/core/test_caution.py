# SPDX-License-Identifier: Apache-2.0
"""Caution only grows with sittings too: people, faces, refusals and doubtful cards never loosen."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.attribution import Context, Said
from agent.core.cards import Card, CardKind, card_text
from agent.core.concerns import Concern, Verdict
from agent.core.decide import Decision, judge, resolve
from agent.core.model import CaseId, Clue, Evidence, Look, RosterId, Shot, TagSource, Token
from agent.core.register import Register, Roster, Says
from agent.core.sittings import frame_of, sitting_of
from agent.core.statements import said_of, sitting_names
from tests.builders import (
    AMARA,
    BEN,
    CARD_KEY,
    CLASS_3B,
    TODAY,
    a_card_id,
    a_person,
    a_question,
    a_register,
    a_statement,
    a_tag,
    an_answer,
    clue,
    evidence,
)

START = datetime(2026, 11, 23, 10, 0)  # noqa: DTZ001 - a camera has no zone
CLASS_5A, ZOE, GONE = RosterId("q" * 26), Token("z" * 26), a_card_id(CardKind.CLASS, "g" * 26)
CLASS_CLUES = {CLASS_3B: "3b", CLASS_5A: "5a"}
MEMBERS = {CLASS_3B: frozenset({AMARA, BEN}), CLASS_5A: frozenset({ZOE})}
BASE = replace(
    a_register(a_person(), a_person(BEN, name="ben hart"), a_person(ZOE, name="zoe quill")),
    rosters={
        one: Roster(id=one, names=frozenset({clue(name)}), members=MEMBERS[one])
        for one, name in CLASS_CLUES.items()
    },
    class_cards={
        **{a_card_id(CardKind.CLASS, one): one for one in CLASS_CLUES},
        GONE: CLASS_3B,
    },
    withdrawn_cards={GONE: TODAY},
)


def a_card(kind: CardKind, card: str, year: str = "26", key: bytes = CARD_KEY) -> str:
    return card_text(Card(kind=kind, id=card, year=year), key)


GOOD = (
    *(a_card(CardKind.CLASS, a_card_id(CardKind.CLASS, one)) for one in CLASS_CLUES),
    a_card(CardKind.CHILD, a_card_id(CardKind.CHILD, BEN)),
    a_card(CardKind.END, a_card_id(CardKind.END, "")),
)
DOUBTFUL = (
    "PW1:",
    a_card(CardKind.CLASS, a_card_id(CardKind.CLASS, CLASS_3B), key=b"another"),
    a_card(CardKind.CLASS, a_card_id(CardKind.CLASS, CLASS_3B), year="25"),
    a_card(CardKind.CLASS, a_card_id(CardKind.CLASS, "x" * 26)),
    a_card(CardKind.CLASS, GONE),
)
ANSWERS = st.sampled_from([Says.YES] * 5 + [Says.NO, Says.WITHDRAWN])
"""Mostly yes: where everything is held anyway, nothing could be loosened."""
TAGS = st.lists(
    st.builds(
        a_tag,
        st.sampled_from(["amara okafor", "ben hart", "zoe quill", "a visitor", None]),
        st.sampled_from(TagSource),
    ).filter(lambda tag: tag.name is not None or tag.source is TagSource.REGION),
    max_size=3,
)


@st.composite
def pictures(draw: st.DrawFn) -> Evidence:
    """Return what one picture of the school's camera says."""
    number = draw(st.integers(1, 9))
    shot = Shot(
        body=Clue("body"), taken=START + timedelta(minutes=draw(st.integers(0, 70))), number=number
    )
    folder = draw(st.sampled_from([(), ("3b",), ("3b",), ("5a",), ("3b", "5a")]))
    faces = draw(st.sampled_from([0, 0, 1, 1, 2, 3, None]))
    return evidence(
        shot=shot,
        folders=frozenset(map(clue, ("camera-1", *folder))),
        cards=draw(st.sampled_from([(), (), ()]) | st.tuples(st.sampled_from(GOOD + DOUBTFUL))),
        tags=tuple(draw(st.just([]) | st.just([]) | TAGS)),
        look=None if faces is None else Look(faces=faces, pixels=clue(f"pixels {number}")),
        arrived_on=TODAY,
    )


DAYS = st.lists(pictures(), min_size=1, max_size=6).map(
    lambda found: {CaseId(f"case {number}"): one for number, one in enumerate(found)}
)
REGISTERS = st.builds(
    lambda amara, ben, zoe: replace(
        BASE,
        people={
            AMARA: a_person(AMARA, an_answer(amara)),
            BEN: a_person(BEN, an_answer(ben), name="ben hart"),
            ZOE: a_person(ZOE, an_answer(zoe), name="zoe quill"),
        },
    ),
    ANSWERS,
    ANSWERS,
    ANSWERS,
)
SAID = st.none() | st.none() | st.lists(st.sampled_from([AMARA, BEN, ZOE]), max_size=2, unique=True)


def verdict(
    day: Mapping[CaseId, Evidence],
    case: CaseId,
    register: Register,
    present: Sequence[Token] | None = None,
) -> Verdict:
    """Return the verdict on a picture among all those of its camera's day."""
    return decided(day, case, register, present).verdict


def decided(
    day: Mapping[CaseId, Evidence],
    case: CaseId,
    register: Register,
    present: Sequence[Token] | None = None,
) -> Decision:
    frames = [frame for one, what in day.items() if (frame := frame_of(one, what)) is not None]
    sitting = sitting_of(case, frames, register)
    said = Said()
    if present is not None:
        statement = replace(a_statement(about=case), people=tuple(present))
        names = sitting_names(case, day[case], sitting, register)
        said = said_of(case, names, [statement])
    question = a_question(register=register)
    facts = resolve(day[case], register, question.moment, Context(sitting=sitting, said=said))
    return judge(replace(question, facts=facts))


COUNTED = {
    Concern.PEOPLE_UNCOUNTED,
    Concern.PEOPLE_UNNAMED_FACE,
    Concern.PEOPLE_UNATTRIBUTED,
    Concern.PEOPLE_INCOMPLETE,
}
"""Objections that somebody is still to be named."""


def with_(
    day: Mapping[CaseId, Evidence], case: CaseId, **changes: object
) -> dict[CaseId, Evidence]:
    return {**day, case: replace(day[case], **changes)}


@settings(max_examples=50)
@given(DAYS, REGISTERS, SAID, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing_of_a_decision(
    day: dict[CaseId, Evidence],
    register: Register,
    present: list[Token] | None,
    chance: object,
) -> None:
    listed = list(day.items())
    chance.shuffle(listed)
    for case in day:
        shuffled = decided(dict(listed), case, register, present)
        assert decided(day, case, register, present) == shuffled


@settings(max_examples=50)
@given(DAYS, REGISTERS, SAID, st.sampled_from([AMARA, BEN, ZOE]))
def test_a_refusal_of_anyone_never_loosens_any_picture_of_the_day(
    day: dict[CaseId, Evidence],
    register: Register,
    present: list[Token] | None,
    who: Token,
) -> None:
    person = register.people[who]
    answers = (*person.answers, an_answer(Says.NO, by="father"))
    stricter = replace(register, people={**register.people, who: replace(person, answers=answers)})
    for case in day:
        assert verdict(day, case, stricter, present) >= verdict(day, case, register, present)


@settings(max_examples=50)
@given(DAYS, REGISTERS, SAID, TAGS.filter(bool))
def test_one_more_name_or_marked_face_never_loosens(
    day: dict[CaseId, Evidence],
    register: Register,
    present: list[Token] | None,
    tags: list[object],
) -> None:
    """Only a face too many may find its name so: that is what names are for."""
    case = next(iter(day))
    named = with_(day, case, tags=(*day[case].tags, *tags))
    before, after = (decided(one, case, register, present) for one in (day, named))
    assert set(before.concerns) - COUNTED <= set(after.concerns)
    if COUNTED.isdisjoint(before.concerns):
        assert after.verdict >= before.verdict


@settings(max_examples=50)
@given(DAYS, REGISTERS, SAID, st.integers(1, 3))
def test_one_more_face_that_is_marked_and_has_no_name_never_loosens(
    day: dict[CaseId, Evidence], register: Register, present: list[Token] | None, more: int
) -> None:
    case = next(iter(day))
    marked = with_(day, case, tags=(*day[case].tags, *[a_tag(None)] * more))
    assert verdict(marked, case, register, present) >= verdict(day, case, register, present)


@settings(max_examples=50)
@given(DAYS, REGISTERS, SAID, st.integers(1, 3))
def test_one_more_face_never_loosens(
    day: dict[CaseId, Evidence], register: Register, present: list[Token] | None, more: int
) -> None:
    case = next(iter(day))
    look = day[case].look or Look(faces=0, pixels=clue("pixels"))
    seen = with_(day, case, look=look)
    crowded = with_(day, case, look=replace(look, faces=(look.faces or 0) + more))
    assert verdict(crowded, case, register, present) >= verdict(seen, case, register, present)


@settings(max_examples=50)
@given(DAYS, REGISTERS, SAID, st.sampled_from(sorted(CLASS_CLUES)))
def test_one_more_member_never_loosens(
    day: dict[CaseId, Evidence], register: Register, present: list[Token] | None, roster: RosterId
) -> None:
    """A member more can only be refused or missed; that a list is empty is no permission."""
    before = register.rosters[roster]
    grown = replace(before, members=before.members | {AMARA, BEN, ZOE})
    larger = replace(register, rosters={**register.rosters, roster: grown})
    refused = replace(
        larger,
        people={
            token: replace(person, answers=(an_answer(Says.NO),))
            if token not in before.members
            else person
            for token, person in larger.people.items()
        },
    )
    same_people = replace(register, people=refused.people)
    for case in day:
        assert verdict(day, case, refused, present) >= verdict(day, case, same_people, present)


@settings(max_examples=50)
@given(DAYS, REGISTERS, SAID, st.sampled_from(GOOD + DOUBTFUL))
def test_a_card_in_a_picture_never_loosens_that_picture(
    day: dict[CaseId, Evidence], register: Register, present: list[Token] | None, card: str
) -> None:
    for case, what in day.items():
        shown = with_(day, case, cards=(*what.cards, card))
        assert verdict(shown, case, register, present) >= verdict(day, case, register, present)
        assert verdict(shown, case, register, present) is not Verdict.KEEP


@settings(max_examples=50)
@given(DAYS, REGISTERS, SAID, st.sampled_from(DOUBTFUL), st.integers(0, 70))
def test_a_card_that_may_not_count_never_loosens_what_follows(
    day: dict[CaseId, Evidence],
    register: Register,
    present: list[Token] | None,
    card: str,
    minute: int,
) -> None:
    extra = evidence(
        shot=Shot(body=Clue("body"), taken=START + timedelta(minutes=minute), number=5),
        cards=(card,),
        arrived_on=TODAY,
    )
    later = {**day, CaseId("extra"): extra}
    after = [
        case
        for case, what in day.items()
        if what.shot is not None and not what.cards and what.shot.taken > extra.shot.taken
    ]
    followed = [
        case
        for case in after
        if not any(
            extra.shot.taken <= other.shot.taken <= day[case].shot.taken and other.cards
            for other in day.values()
        )
        and _in_reach(later, case, minute)
    ]
    for case in followed:
        assert verdict(later, case, register, present) is not Verdict.KEEP


def _in_reach(day: Mapping[CaseId, Evidence], case: CaseId, minute: int) -> bool:
    """Tell whether no half hour lies between a card and a picture."""
    taken = sorted(what.shot.taken for what in day.values())
    start, end = START + timedelta(minutes=minute), day[case].shot.taken
    between = [time for time in taken if start <= time <= end]
    gaps = [b - a for a, b in pairwise(between)]
    return all(gap <= timedelta(minutes=30) for gap in gaps)


@settings(max_examples=50)
@given(DAYS, REGISTERS, st.sampled_from([AMARA, BEN, ZOE]))
def test_a_restriction_never_loosens_any_picture_of_the_day(
    day: dict[CaseId, Evidence], register: Register, who: Token
) -> None:
    bound = replace(
        register,
        people={**register.people, who: replace(register.people[who], restricted=True)},
    )
    for case in day:
        assert verdict(day, case, bound) >= verdict(day, case, register)


DATES = st.none() | st.integers(-3, 3).map(lambda days: TODAY + timedelta(days=days))


@given(DATES, DATES, st.integers(-3, 3))
def test_retiring_a_device_never_loosens_and_keeps_what_came_before(
    captured: date | None, arrived: date | None, days: int
) -> None:
    register, what = a_register(), evidence(captured_on=captured, arrived_on=arrived)
    device = next(iter(register.devices.values()))
    day = TODAY + timedelta(days=days)
    retired = replace(device, retired_on=day)
    after = replace(register, devices={**register.devices, device.reference: retired})
    before = judge(a_question(what, register)).verdict
    now = judge(a_question(what, after)).verdict
    assert now >= before
    came_before = (captured or date.min) < day and (arrived or TODAY) < day
    assert (now is Verdict.KEEP) is came_before
