# SPDX-License-Identifier: Apache-2.0
"""Who is in it: what a card, a count of faces and a person's word change, and what they cannot."""

from dataclasses import replace

import pytest

from agent.core import decide as law
from agent.core.attribution import NOTHING_SAID, Context, Present, Said
from agent.core.concerns import Concern, Verdict
from agent.core.decide import judge
from agent.core.model import Evidence, Look, Token
from agent.core.register import Says
from agent.core.sittings import Sitting
from tests.builders import (
    AMARA,
    BEN,
    CASE,
    CLASS_3B,
    POLICY,
    a_person,
    a_question,
    a_register,
    a_tag,
    an_answer,
    clue,
    evidence,
)


def only(*people: Token, **beside: object) -> Said:
    return Said(people=frozenset(people), present=Present(**beside))


def test_a_person_who_says_who_is_in_it_takes_the_place_of_the_class() -> None:
    ben = a_person(BEN, an_answer(Says.NO), name="ben hart")
    register = a_register(a_person(), ben)
    assert judge(a_question(register=register)).verdict is Verdict.HOLD
    said = Context(said=only(AMARA))
    assert judge(a_question(register=register, context=said)).verdict is Verdict.KEEP


def test_a_person_who_says_who_is_in_it_cannot_unsay_a_tag() -> None:
    ben = a_person(BEN, an_answer(Says.NO), name="ben hart")
    said = Context(said=only(AMARA))
    what = evidence(tags=(a_tag("ben hart"),))
    decision = judge(a_question(what, a_register(a_person(), ben), context=said))
    assert decision.concerns == (Concern.PERMISSION_REFUSED,)


def test_whoever_was_absent_from_the_sitting_does_not_hold_it() -> None:
    ben = a_person(BEN, an_answer(Says.NO), name="ben hart")
    absent = Context(said=Said(absent={CLASS_3B: frozenset({BEN})}))
    question = a_question(register=a_register(a_person(), ben), context=absent)
    assert judge(question).verdict is Verdict.KEEP


def test_absent_from_the_sitting_and_tagged_in_the_picture_counts_as_there() -> None:
    ben = a_person(BEN, an_answer(Says.NO), name="ben hart")
    absent = Context(said=Said(absent={CLASS_3B: frozenset({BEN})}))
    what = evidence(tags=(a_tag("ben hart"),))
    question = a_question(what, a_register(a_person(), ben), context=absent)
    assert judge(question).concerns == (Concern.PERMISSION_REFUSED,)


def test_nobody_in_it_is_an_answer() -> None:
    what = evidence(
        folders=frozenset({clue("camera-1")}), look=Look(faces=0, pixels=clue("pixels"))
    )
    said = Context(said=only())
    assert judge(a_question(what, context=said)).verdict is Verdict.KEEP


def test_no_faces_prove_nothing() -> None:
    what = evidence(
        folders=frozenset({clue("camera-1")}), look=Look(faces=0, pixels=clue("pixels"))
    )
    assert judge(a_question(what)).concerns == (Concern.PEOPLE_UNATTRIBUTED,)


def test_a_class_card_names_the_class() -> None:
    what = evidence(folders=frozenset({clue("camera-1")}))
    card = Context(sitting=Sitting(opened_by=CASE, roster=CLASS_3B))
    assert judge(a_question(what, context=card)).verdict is Verdict.KEEP


def test_a_child_card_does_not_say_that_nobody_else_is_there() -> None:
    what = evidence(folders=frozenset({clue("camera-1")}))
    card = Context(sitting=Sitting(opened_by=CASE, child=AMARA))
    assert judge(a_question(what, context=card)).concerns == (Concern.PEOPLE_INCOMPLETE,)


def test_small_faces_count_unless_the_school_says_otherwise() -> None:
    what = evidence(look=Look(faces=3, small_faces=1, pixels=clue("pixels")))
    assert judge(a_question(what)).concerns == (Concern.PEOPLE_UNCOUNTED,)
    lenient = replace(POLICY, count_small_faces=False)
    assert judge(a_question(what, policy=lenient)).verdict is Verdict.KEEP


def test_a_school_may_choose_not_to_count() -> None:
    policy = replace(POLICY, count_faces=False)
    assert judge(a_question(evidence(look=None), policy=policy)).verdict is Verdict.KEEP


def test_a_recording_is_kept_when_a_person_says_who_is_in_it() -> None:
    said = Context(said=only(AMARA))
    assert judge(a_question(evidence(look=None), context=said)).verdict is Verdict.KEEP


def test_what_nobody_looked_at_has_no_faces_and_no_small_ones() -> None:
    facts = a_question(evidence(look=None)).facts
    assert (facts.faces, facts.small_faces) == (None, 0)


def test_more_faces_than_names_is_not_said_where_nothing_says_who_is_there() -> None:
    what = evidence(
        folders=frozenset({clue("camera-1")}),
        tags=(a_tag("amara okafor"),),
        look=Look(faces=2, pixels=clue("pixels")),
    )
    assert judge(a_question(what)).concerns == (Concern.PEOPLE_INCOMPLETE,)


def test_a_class_of_which_everyone_was_absent_proves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(law, "RULES", ())
    absent = Context(said=Said(absent={CLASS_3B: frozenset({AMARA, BEN})}))
    what = evidence(look=Look(faces=0, pixels=clue("pixels")))
    assert judge(a_question(what, context=absent)).concerns == (Concern.DECISION_UNPROVEN,)


def test_concerns_of_one_severity_stand_in_the_order_of_their_codes() -> None:
    what = evidence(
        serials=frozenset({clue("serial 9")}),
        folders=frozenset(),
        tags=(a_tag("a visitor"), a_tag(None)),
        cards=("PW1:whatever",),
        notes=frozenset({Concern.DEVICE_MESSENGER, Concern.DEVICE_EDITED}),
    )
    codes = [concern.code for concern in judge(a_question(what)).concerns]
    assert len(codes) == 7
    assert codes == sorted(codes)


TWO_FACES = evidence(
    folders=frozenset({clue("camera-1")}), look=Look(faces=2, pixels=clue("pixels"))
)


def decided(said: Said, what: Evidence = TWO_FACES) -> tuple[Concern, ...]:
    return judge(a_question(what, context=Context(said=said))).concerns


def test_a_visitor_accounts_for_a_face() -> None:
    assert decided(only(AMARA)) == (Concern.PEOPLE_UNCOUNTED,)
    assert decided(only(AMARA, visitors=1)) == ()


def test_a_face_too_small_to_recognise_needs_no_name() -> None:
    assert decided(only(AMARA, too_small=(2,))) == ()


@pytest.mark.parametrize("numbers", [(3,), (9, 11)])
def test_a_face_that_is_not_there_is_not_too_small(numbers: tuple[int, ...]) -> None:
    assert decided(only(AMARA, too_small=numbers)) == (Concern.PEOPLE_UNCOUNTED,)


def test_one_face_is_too_small_once() -> None:
    what = replace(TWO_FACES, look=Look(faces=3, pixels=clue("pixels")))
    assert decided(only(AMARA, too_small=(2, 2)), what) == (Concern.PEOPLE_UNCOUNTED,)


def test_what_the_school_does_not_count_is_not_taken_off_twice() -> None:
    lenient = replace(POLICY, count_small_faces=False)
    what = replace(TWO_FACES, look=Look(faces=3, small_faces=1, pixels=clue("pixels")))
    context = Context(said=only(AMARA, too_small=(3,)))
    question = a_question(what, policy=lenient, context=context)
    assert judge(question).concerns == (Concern.PEOPLE_UNCOUNTED,)


def test_a_face_that_the_computer_missed_needs_somebody_too() -> None:
    assert decided(only(AMARA, BEN, added_faces=1)) == (Concern.PEOPLE_UNCOUNTED,)
    assert decided(only(AMARA, BEN, added_faces=1, visitors=1)) == ()


def test_a_face_that_was_seen_counts_where_the_computer_could_not_look() -> None:
    unseen = replace(TWO_FACES, look=None)
    assert decided(only(AMARA), unseen) == ()
    assert decided(only(AMARA, added_faces=2), unseen) == (Concern.PEOPLE_UNCOUNTED,)


def test_adding_a_face_does_not_count_those_that_nobody_counted() -> None:
    said = Said(present=Present(is_everyone=False, added_faces=1))
    assert decided(said, evidence(look=None)) == (Concern.PEOPLE_NOT_COUNTED,)


def test_somebody_whom_nobody_knows_holds_it() -> None:
    said = only(AMARA, visitors=1, not_known=1)
    assert decided(said) == (Concern.PEOPLE_NOT_KNOWN,)


def test_naming_somebody_does_not_say_that_nobody_else_is_there() -> None:
    said = only(AMARA, BEN, is_everyone=False)
    assert decided(said) == (Concern.PEOPLE_INCOMPLETE,)


def test_naming_somebody_beside_a_class_adds_them() -> None:
    ben = a_person(BEN, an_answer(Says.NO), name="ben hart")
    register = a_register(a_person(), ben, members=frozenset({AMARA}))
    kept = judge(a_question(register=register))
    said = Context(said=only(BEN, is_everyone=False))
    assert kept.verdict is Verdict.KEEP
    assert judge(a_question(register=register, context=said)).concerns == (
        Concern.PERMISSION_REFUSED,
    )


def test_nothing_said_is_as_if_nobody_had_said_anything() -> None:
    undone = Said(present=NOTHING_SAID)
    assert a_question(context=Context(said=undone)) == a_question()


@pytest.mark.parametrize("spoilt", ["visitors", "not_known", "added_faces"])
def test_there_are_never_fewer_people_than_none(spoilt: str) -> None:
    with pytest.raises(ValueError, match="counted from 0"):
        Present(**{spoilt: -1})


def test_faces_are_numbered_from_one() -> None:
    with pytest.raises(ValueError, match="numbered from 1"):
        Present(too_small=(0,))


@pytest.mark.parametrize("spoil", ["not_known", "visitors"])
def test_the_proof_alone_holds_what_is_not_accounted_for(
    monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    monkeypatch.setattr(law, "RULES", ())
    said = only(AMARA, visitors=1, not_known=1) if spoil == "not_known" else only(AMARA)
    assert decided(said) == (Concern.DECISION_UNPROVEN,)
