# SPDX-License-Identifier: Apache-2.0
"""What must hold for every question: caution only grows, order never matters, replay is exact."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent.core.concerns import Verdict
from agent.core.consent import Standing, standing
from agent.core.decide import judge, resolve
from agent.core.model import Evidence
from agent.core.register import Answer, AnswererId, Capacity, Person, Register, Says
from tests.builders import (
    AMARA,
    BEN,
    MOMENT,
    POLICY,
    PURPOSE,
    TODAY,
    a_person,
    a_question,
    a_register,
    a_tag,
    an_answer,
    clue,
    evidence,
)

ANSWERS = st.builds(
    Answer,
    purpose=st.just(PURPOSE),
    answerer=st.sampled_from(["mother", "father", "carer", "child"]).map(AnswererId),
    capacity=st.sampled_from(Capacity),
    says=st.sampled_from(Says),
    given_on=st.integers(-40, 40).map(lambda days: TODAY + timedelta(days=days)),
    valid_until=st.none() | st.integers(-5, 5).map(lambda days: TODAY + timedelta(days=days)),
)
FOLDERS = st.frozensets(st.sampled_from(["3b", "camera-1", "ipad-1", "other"]).map(clue))
TAGS = st.lists(
    st.sampled_from(["amara okafor", "ben hart", "a visitor", None]).map(a_tag), max_size=4
)
EVIDENCE = st.builds(
    Evidence,
    serials=st.frozensets(st.sampled_from(["serial 1", "serial 9"]).map(clue), max_size=1),
    model=st.none() | st.sampled_from(["canon", "ipad", "phone"]).map(clue),
    folders=FOLDERS,
    tags=TAGS.map(tuple),
)
PEOPLE = st.builds(
    Person,
    token=st.just(AMARA),
    names=st.just(frozenset({clue("amara okafor")})),
    answers=st.lists(ANSWERS, max_size=5).map(tuple),
    restricted=st.booleans(),
)


def register_with(amara: Person) -> Register:
    return a_register(amara, a_person(BEN, name="ben hart"))


def may_keep(person: Person, on: date) -> bool:
    """An oracle of its own: somebody entitled says yes today, and nobody says no."""
    if person.restricted:
        return False
    latest: dict[str, list[Answer]] = {}
    for answer in person.answers:
        if answer.given_on <= on:
            latest.setdefault(answer.answerer, []).append(answer)
    yes = False
    for answers in latest.values():
        day = max(answer.given_on for answer in answers)
        of_day = [answer for answer in answers if answer.given_on == day]
        if any(answer.says is not Says.YES for answer in of_day):
            return False
        yes = yes or all(
            answer.capacity in (Capacity.RESPONSIBLE, Capacity.DELEGATED, Capacity.SELF)
            and (answer.valid_until is None or answer.valid_until >= on)
            for answer in of_day
        )
    return yes


@given(PEOPLE)
def test_standing_agrees_with_the_oracle(person: Person) -> None:
    granted = standing(person, PURPOSE, TODAY) is Standing.GRANTED
    assert granted is may_keep(person, TODAY)


@given(PEOPLE, st.randoms(use_true_random=False))
def test_the_order_of_answers_never_matters(person: Person, shuffle: object) -> None:
    answers = list(person.answers)
    shuffle.shuffle(answers)
    again = replace(person, answers=tuple(answers))
    assert standing(person, PURPOSE, TODAY) is standing(again, PURPOSE, TODAY)


@given(EVIDENCE, PEOPLE)
def test_nothing_is_kept_in_which_someone_lacks_permission(what: Evidence, amara: Person) -> None:
    decision = judge(a_question(what, register_with(amara)))
    if decision.verdict is Verdict.KEEP:
        assert may_keep(amara, TODAY)
        assert clue("3b") in what.folders
        assert what.serials or what.model


@given(EVIDENCE, PEOPLE, ANSWERS.filter(lambda answer: answer.says is not Says.YES))
def test_a_refusal_of_someone_new_never_loosens(
    what: Evidence, amara: Person, refusal: Answer
) -> None:
    refusal = replace(refusal, answerer=AnswererId("somebody new"))
    stricter = replace(amara, answers=(*amara.answers, refusal))
    before = judge(a_question(what, register_with(amara))).verdict
    assert judge(a_question(what, register_with(stricter))).verdict >= before


@given(EVIDENCE, PEOPLE, st.sampled_from(["amara okafor", "ben hart", "a visitor", None]))
def test_one_more_name_never_loosens(what: Evidence, amara: Person, name: str | None) -> None:
    named = replace(what, tags=(*what.tags, a_tag(name)))
    register = register_with(amara)
    assert judge(a_question(named, register)).verdict >= judge(a_question(what, register)).verdict


@given(EVIDENCE, PEOPLE)
def test_a_restriction_never_loosens(what: Evidence, amara: Person) -> None:
    free = register_with(replace(amara, restricted=False))
    bound = register_with(replace(amara, restricted=True))
    assert judge(a_question(what, bound)).verdict >= judge(a_question(what, free)).verdict


@given(EVIDENCE, EVIDENCE)
def test_evidence_joins_in_any_order(one: Evidence, other: Evidence) -> None:
    left, right = one.joined(other), other.joined(one)
    assert (left.serials, left.folders) == (right.serials, right.folders)
    assert Counter(left.tags) == Counter(right.tags)
    for tag in {*one.tags, *other.tags}:
        assert left.tags.count(tag) == max(one.tags.count(tag), other.tags.count(tag))
    again = one.joined(one)
    assert Counter(again.tags) == Counter(one.tags)
    assert replace(again, tags=()) == replace(one, tags=())


@given(EVIDENCE, PEOPLE)
def test_the_facts_of_the_ledger_judge_the_same_again(what: Evidence, amara: Person) -> None:
    register = register_with(amara)
    question = a_question(what, register)
    assert resolve(what, register, MOMENT) == question.facts
    assert judge(question) == judge(replace(question))


def test_a_grant_of_this_very_last_day_counts() -> None:
    assert standing(a_person(AMARA, an_answer(valid_until=TODAY)), PURPOSE, TODAY) is (
        Standing.GRANTED
    )


def test_a_policy_names_the_purpose_that_counts() -> None:
    other = replace(POLICY, base_purpose="website")
    assert judge(a_question(evidence(), policy=other)).verdict is Verdict.HOLD
