# SPDX-License-Identifier: Apache-2.0
"""Whoever holds a line of the ledger, register and policy comes to the same ruling (promise 5).

The facts are read back from the encoded line alone, by a reader of this test's own.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.core.attribution import Context, Present, Said
from agent.core.case import Ruling
from agent.core.concerns import Concern
from agent.core.decide import Decision, Question, judge
from agent.core.entries import stored_entries
from agent.core.ledger import decode_entry
from agent.core.model import (
    Attribution,
    Clue,
    Coverage,
    Evidence,
    Facts,
    Grade,
    Look,
    Provenance,
    RosterId,
    Token,
)
from agent.core.register import Register, Says
from tests.builders import (
    AMARA,
    BEN,
    CLASS_3B,
    a_person,
    a_question,
    a_record,
    a_register,
    a_tag,
    an_answer,
    evidence,
)

PRESENT = st.builds(
    Present,
    is_everyone=st.booleans(),
    visitors=st.integers(0, 2),
    not_known=st.integers(0, 2),
    added_faces=st.integers(0, 2),
    too_small=st.lists(st.integers(1, 4), max_size=3).map(tuple),
)
SAID = st.builds(
    Said,
    people=st.frozensets(st.sampled_from([AMARA, BEN])),
    present=PRESENT,
    absent=st.sampled_from([{}, {CLASS_3B: frozenset({BEN})}]),
)
LOOKS = st.none() | st.builds(
    Look,
    faces=st.none() | st.integers(0, 4),
    small_faces=st.integers(0, 1),
    pixels=st.just(Clue("p")),
)
PICTURES = st.builds(
    lambda tags, look: evidence(tags=tuple(tags), look=look),
    st.lists(st.sampled_from(["amara okafor", "ben hart", "x", None]).map(a_tag), max_size=3),
    LOOKS,
)
REGISTERS = st.sampled_from([Says.YES, Says.NO]).map(
    lambda says: a_register(a_person(), a_person(BEN, an_answer(says), name="ben hart"))
)


def facts_of(body: Mapping[str, Any]) -> Facts:
    """Read facts back from what the ledger holds of a decision."""
    pairs = (pair.split(".") for pair in body["absent"])
    return Facts(
        provenance=Provenance(grade=Grade(body["grade"]), device=body["device"]),
        attribution=Attribution(
            coverage=Coverage(body["coverage"]),
            rosters=tuple(body["rosters"]),
            tagged=tuple(body["tagged"]),
            unknown_names=body["unknown_names"],
            ambiguous_names=body["ambiguous_names"],
            unnamed_faces=body["unnamed_faces"],
            stated=body["stated"] == "yes",
            absent=tuple((RosterId(roster), Token(token)) for roster, token in pairs),
            visitors=body["visitors"],
            not_known=body["not_known"],
        ),
        refusal=None if body["refusal"] is None else Concern.of(body["refusal"]),
        faces=body["faces"],
        small_faces=body["small_faces"],
        added_faces=body["added_faces"],
        too_small=body["too_small"],
        noted=tuple(Concern.of(code) for code in body["noted"]),
    )


def line_of(question: Question, decision: Decision) -> bytes:
    """Return the ledger's line of a decision."""
    ruling = Ruling(
        verdict=decision.verdict,
        concerns=decision.concerns,
        register_digest=decision.register_digest,
        register_version=decision.register_version,
        policy_digest=decision.policy_digest,
        decided_at=question.moment.at,
    )
    return stored_entries(a_record(facts=question.facts, ruling=ruling))[0].encoded()


@given(PICTURES, REGISTERS, SAID)
def test_the_line_alone_leads_to_the_same_ruling(
    what: Evidence, register: Register, said: Said
) -> None:
    question = a_question(what, register, context=Context(said=said))
    decision = judge(question)
    body = decode_entry(line_of(question, decision)).body
    again = judge(replace(question, facts=facts_of(body)))
    assert again == decision
    assert [concern.code for concern in again.concerns] == body["concerns"]
    assert again.verdict.name == body["verdict"]


@given(PICTURES, REGISTERS, SAID, st.sampled_from(["not_known", "added_faces"]))
def test_somebody_unknown_or_one_more_face_never_loosens(
    what: Evidence, register: Register, said: Said, more: str
) -> None:
    present = replace(said.present, **{more: getattr(said.present, more) + 1})
    stricter = Context(said=replace(said, present=present))
    before = judge(a_question(what, register, context=Context(said=said)))
    assert judge(a_question(what, register, context=stricter)).verdict >= before.verdict


@given(PICTURES, REGISTERS, SAID, st.integers(1, 4))
def test_one_face_fewer_that_is_too_small_never_loosens(
    what: Evidence, register: Register, said: Said, number: int
) -> None:
    smaller = tuple(n for n in said.present.too_small if n != number)
    stricter = Context(said=replace(said, present=replace(said.present, too_small=smaller)))
    before = judge(a_question(what, register, context=Context(said=said)))
    assert judge(a_question(what, register, context=stricter)).verdict >= before.verdict


@given(PICTURES, SAID)
def test_a_refusal_of_somebody_said_to_be_in_it_is_never_kept(what: Evidence, said: Said) -> None:
    register = a_register(a_person(), a_person(BEN, an_answer(Says.NO), name="ben hart"))
    with_ben = Context(said=replace(said, people=said.people | {BEN}))
    concerns = judge(a_question(what, register, context=with_ben)).concerns
    assert Concern.PERMISSION_REFUSED in concerns
