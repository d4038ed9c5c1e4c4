# SPDX-License-Identifier: Apache-2.0
"""For which purposes a picture is cleared at this moment: scenarios 37 to 43, and properties."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.attribution import Context, Present, Said
from agent.core.clearance import Clearance, clearances
from agent.core.concerns import Concern, Verdict
from agent.core.consent import Standing
from agent.core.decide import Question, judge
from agent.core.model import Clue, Evidence, Look, Policy, Purpose, PurposeId, Token
from agent.core.register import Capacity, Person, Register, Says
from tests.builders import (
    AMARA,
    BEN,
    MOMENT,
    POLICY,
    PURPOSE,
    a_person,
    a_question,
    a_register,
    a_tag,
    an_answer,
    evidence,
)

WEBSITE, DISPLAY = PurposeId("website"), PurposeId("display")
TEACHER = Token("t" * 26)
SCHOOL = replace(
    POLICY,
    purposes={
        purpose: Purpose(id=purpose, label=purpose, lawful_basis="consent")
        for purpose in (WEBSITE, PURPOSE, DISPLAY)
    },
)


def says(
    website: Says | None, display: Says | None = Says.YES, token: Token = AMARA, **person: object
) -> Person:
    """Return somebody who may be photographed, with their answers for two more purposes."""
    answers = [an_answer()]
    answers += [an_answer(website, purpose=WEBSITE)] if website else []
    answers += [an_answer(display, purpose=DISPLAY)] if display else []
    return a_person(token, *answers, **person)


YES = says(Says.YES)
BEN_YES = says(Says.YES, token=BEN, name="ben hart")
BEN_NO = says(Says.NO, token=BEN, name="ben hart")


def asked(register: Register, said: Said | None = None, what: Evidence | None = None) -> Question:
    context = Context() if said is None else Context(said=said)
    return a_question(what, register, policy=SCHOOL, context=context)


def cleared(question: Question) -> dict[PurposeId, Clearance]:
    return {one.purpose: one for one in clearances(question)}


def only(*people: Token, **present: object) -> Said:
    return Said(people=frozenset(people), present=Present(**present))


def test_scenario_37_one_child_of_the_class_without_website_blocks_the_website_alone() -> None:
    found = cleared(asked(a_register(YES, BEN_NO)))
    assert found[PURPOSE].is_granted
    assert found[DISPLAY].is_granted
    assert found[WEBSITE].concerns == (Concern.PERMISSION_REFUSED,)
    assert found[WEBSITE].standings == {Standing.GRANTED: 1, Standing.REFUSED: 1}


def test_scenario_38_whoever_is_in_it_said_yes_so_the_website_becomes_possible() -> None:
    assert cleared(asked(a_register(YES, BEN_NO), only(AMARA)))[WEBSITE].is_granted


def test_scenario_39_a_child_added_later_takes_it_back_at_once() -> None:
    found = cleared(asked(a_register(YES, BEN_NO), only(AMARA, BEN)))
    assert found[PURPOSE].is_granted
    assert not found[WEBSITE].is_granted


def test_scenario_40_a_visitor_blocks_every_purpose_but_the_base() -> None:
    found = cleared(asked(a_register(YES, BEN_YES), only(AMARA, visitors=1)))
    assert found[PURPOSE].is_granted
    assert found[DISPLAY].concerns == found[WEBSITE].concerns == (Concern.PEOPLE_VISITORS,)


def test_scenario_40_an_unknown_person_is_cleared_for_nothing() -> None:
    found = cleared(asked(a_register(YES, BEN_YES), only(AMARA, not_known=1)))
    assert not any(one.is_granted for one in found.values())


def test_scenario_41_staff_who_refused_publicity_block_it() -> None:
    yes = an_answer(capacity=Capacity.SELF)
    no = an_answer(Says.NO, capacity=Capacity.SELF, purpose=WEBSITE)
    register = a_register(YES, a_person(TEACHER, yes, no, name="a teacher"))
    found = cleared(asked(register, only(AMARA, TEACHER)))
    assert (found[PURPOSE].is_granted, found[WEBSITE].is_granted) == (True, False)


def test_scenario_42_a_restricted_child_is_cleared_for_nothing_and_the_reason_is_not_told() -> None:
    restricted = says(Says.YES, token=BEN, name="ben hart", restricted=True)
    found = cleared(asked(a_register(YES, restricted)))
    assert all(one.concerns == (Concern.PERMISSION_RESTRICTED,) for one in found.values())
    assert Concern.PERMISSION_RESTRICTED.is_confidential


def test_scenario_43_nobody_in_it_said_by_a_person_hangs_on_no_child() -> None:
    empty = evidence(look=Look(faces=0, pixels=Clue("empty")))
    said = cleared(asked(a_register(YES, BEN_NO), only(), empty))
    assert all(one.is_granted and not one.standings for one in said.values())
    unsaid = cleared(asked(a_register(YES, BEN_NO), what=replace(empty, folders=frozenset())))
    assert not any(one.is_granted for one in unsaid.values())


def test_the_base_purpose_comes_first_and_no_other_is_forgotten() -> None:
    assert [c.purpose for c in clearances(asked(a_register(YES)))] == [PURPOSE, WEBSITE, DISPLAY]


def test_no_answer_is_no_permission() -> None:
    found = cleared(asked(a_register(says(None, None))))
    assert found[WEBSITE].concerns == (Concern.PERMISSION_ABSENT,)


def test_a_permission_counts_to_its_last_day() -> None:
    until = an_answer(purpose=WEBSITE, valid_until=MOMENT.today)
    question = asked(a_register(a_person(AMARA, an_answer(), until)))
    assert cleared(question)[WEBSITE].is_granted
    day = timedelta(days=1)
    moment = replace(MOMENT, at=MOMENT.at + day, today=MOMENT.today + day)
    assert cleared(replace(question, moment=moment))[WEBSITE].concerns == (
        Concern.PERMISSION_EXPIRED,
    )


def test_what_is_held_is_cleared_for_nothing_whatever_people_said_of_the_website() -> None:
    no_base = a_person(AMARA, an_answer(Says.NO), an_answer(purpose=WEBSITE))
    found = cleared(asked(a_register(no_base)))
    assert Concern.PERMISSION_REFUSED in found[WEBSITE].concerns


@pytest.mark.parametrize("as_copy", [True, False], ids=["a copy", "a companion"])
def test_what_is_known_of_a_picture_beside_it_blocks_it_too(as_copy: bool) -> None:
    register = a_register(YES, BEN_NO)
    question = asked(register, only(AMARA))
    other = asked(register, only(AMARA, BEN)).facts
    beside = ((), (other,)) if as_copy else ((other,), ())
    found = {one.purpose: one.is_granted for one in clearances(question, *beside)}
    assert found == {PURPOSE: True, WEBSITE: False, DISPLAY: True}


@pytest.mark.parametrize("as_copy", [True, False], ids=["a copy", "a companion"])
def test_a_visitor_in_a_picture_beside_it_blocks_it_too(as_copy: bool) -> None:
    register = a_register(YES, BEN_YES)
    other = asked(register, only(AMARA, visitors=1)).facts
    beside = ((), (other,)) if as_copy else ((other,), ())
    found = {c.purpose: c.is_granted for c in clearances(asked(register, only(AMARA)), *beside)}
    assert found == {PURPOSE: True, WEBSITE: False, DISPLAY: False}


ANSWER = st.none() | st.sampled_from(Says)
SAID = st.builds(
    Said,
    people=st.frozensets(st.sampled_from([AMARA, BEN])),
    present=st.builds(
        Present,
        is_everyone=st.booleans(),
        visitors=st.integers(0, 2),
        not_known=st.integers(0, 1),
        added_faces=st.integers(0, 2),
    ),
)
TAGS = st.lists(st.sampled_from(["amara okafor", "ben hart", "x", None]).map(a_tag), max_size=3)


@given(ANSWER, ANSWER, SAID, TAGS)
def test_never_is_a_purpose_granted_that_somebody_in_it_did_not_grant(
    amara: Says | None, ben: Says | None, said: Said, tags: list[object]
) -> None:
    people = {AMARA: amara, BEN: ben}
    register = a_register(says(amara), says(ben, token=BEN, name="ben hart"))
    question = asked(register, said, evidence(tags=tuple(tags)))
    found = cleared(question)
    base = judge(question).verdict is Verdict.KEEP
    assert found[PURPOSE].is_granted is base
    if found[WEBSITE].is_granted:
        assert base
        assert not said.present.visitors
        assert all(people[token] is Says.YES for token in said.people)


def test_a_policy_of_one_purpose_has_one_clearance() -> None:
    policy = Policy(
        digest="f" * 64,
        base_purpose=PURPOSE,
        purposes={PURPOSE: SCHOOL.purposes[PURPOSE]},
        accept_consistent_devices=True,
    )
    question = replace(asked(a_register(YES)), policy=policy)
    assert [one.purpose for one in clearances(question)] == [PURPOSE]
