# SPDX-License-Identifier: Apache-2.0
"""Start from a question that keeps, spoil exactly one thing, expect caution."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from agent.core import decide as law
from agent.core.attribution import NOBODY_ELSE, Context, Present, Said
from agent.core.concerns import Concern, Verdict
from agent.core.decide import Question, judge
from agent.core.model import Look, TagSource
from agent.core.register import Capacity, NoRegister, Register, Says
from agent.core.sittings import Sitting
from tests.builders import (
    AMARA,
    BEN,
    CAMERA,
    CASE,
    CLASS_3B,
    IPAD,
    MOMENT,
    NOW,
    POLICY,
    TODAY,
    a_person,
    a_question,
    a_register,
    a_tag,
    an_answer,
    clue,
    evidence,
)


def with_amara(*answers: object, restricted: bool = False) -> Question:
    amara = a_person(AMARA, *answers, restricted=restricted)
    return a_question(register=a_register(amara, a_person(BEN, name="ben hart")))


def with_device(reference: object, **changes: object) -> Register:
    register = a_register()
    devices = dict(register.devices)
    devices[reference] = replace(devices[reference], **changes)
    return replace(register, devices=devices)


def test_the_good_question_keeps() -> None:
    decision = judge(a_question())
    assert decision.verdict is Verdict.KEEP
    assert decision.concerns == ()


def test_an_ipad_by_its_own_folder_keeps() -> None:
    what = evidence(
        serials=frozenset(), model=clue("ipad"), folders=frozenset({clue("ipad-1"), clue("3b")})
    )
    assert judge(a_question(what)).verdict is Verdict.KEEP


def test_people_named_beside_the_class_keep() -> None:
    for second in (a_tag("ben hart"), a_tag(None)):
        what = evidence(tags=(a_tag("amara okafor"), second))
        assert judge(a_question(what)).verdict is Verdict.KEEP


SPOILT: dict[str, tuple[Callable[[], Question], Concern]] = {
    "refused": (lambda: with_amara(an_answer(Says.NO)), Concern.PERMISSION_REFUSED),
    "withdrawn": (
        lambda: with_amara(an_answer(), an_answer(Says.WITHDRAWN, days_ago=0)),
        Concern.PERMISSION_WITHDRAWN,
    ),
    "expired yesterday": (
        lambda: with_amara(an_answer(valid_until=TODAY - timedelta(days=1))),
        Concern.PERMISSION_EXPIRED,
    ),
    "starts tomorrow": (
        lambda: with_amara(an_answer(days_ago=-1)),
        Concern.PERMISSION_NOT_YET_VALID,
    ),
    "parents disagree": (
        lambda: with_amara(an_answer(), an_answer(Says.NO, by="father")),
        Concern.PERMISSION_CONFLICTING,
    ),
    "carer without delegation": (
        lambda: with_amara(an_answer(capacity=Capacity.UNDELEGATED)),
        Concern.PERMISSION_UNDELEGATED,
    ),
    "the child says no": (
        lambda: with_amara(an_answer(), an_answer(Says.NO, "child", Capacity.CHILD)),
        Concern.PERMISSION_CHILD_REFUSED,
    ),
    "only the child says yes": (
        lambda: with_amara(an_answer(Says.YES, "child", Capacity.CHILD)),
        Concern.PERMISSION_ABSENT,
    ),
    "restricted": (lambda: with_amara(restricted=True), Concern.PERMISSION_RESTRICTED),
    "answer for another purpose": (
        lambda: with_amara(an_answer(purpose="website")),
        Concern.PERMISSION_ABSENT,
    ),
    "serial of no school device": (
        lambda: a_question(evidence(serials=frozenset({clue("serial 9")}))),
        Concern.DEVICE_UNREGISTERED,
    ),
    "a known and an unknown serial": (
        lambda: a_question(evidence(serials=frozenset({clue("serial 1"), clue("serial 9")}))),
        Concern.DEVICE_CONTRADICTORY,
    ),
    "model of no school device": (
        lambda: a_question(evidence(serials=frozenset(), model=clue("phone"))),
        Concern.DEVICE_UNREGISTERED,
    ),
    "serial of one device, model of another": (
        lambda: a_question(evidence(model=clue("ipad"))),
        Concern.DEVICE_CONTRADICTORY,
    ),
    "no device evidence": (
        lambda: a_question(evidence(serials=frozenset(), model=None)),
        Concern.DEVICE_NO_EVIDENCE,
    ),
    "in the folder of another device": (
        lambda: a_question(evidence(folders=frozenset({clue("ipad-1"), clue("3b")}))),
        Concern.DEVICE_CONTRADICTORY,
    ),
    "ipad by the camera's folder": (
        lambda: a_question(evidence(serials=frozenset(), model=clue("ipad"))),
        Concern.DEVICE_CONTRADICTORY,
    ),
    "ipad without a route": (
        lambda: a_question(
            evidence(serials=frozenset(), model=clue("ipad"), folders=frozenset({clue("3b")}))
        ),
        Concern.DEVICE_UNROUTED,
    ),
    "consistent devices not accepted": (
        lambda: a_question(
            evidence(
                serials=frozenset(),
                model=clue("ipad"),
                folders=frozenset({clue("ipad-1"), clue("3b")}),
            ),
            policy=replace(POLICY, accept_consistent_devices=False),
        ),
        Concern.DEVICE_UNROUTED,
    ),
    "retired today": (
        lambda: a_question(register=with_device(CAMERA, retired_on=TODAY)),
        Concern.DEVICE_RETIRED,
    ),
    "retired ipad": (
        lambda: a_question(
            evidence(
                serials=frozenset(),
                model=clue("ipad"),
                folders=frozenset({clue("ipad-1"), clue("3b")}),
            ),
            register=with_device(IPAD, retired_on=TODAY),
        ),
        Concern.DEVICE_RETIRED,
    ),
    "no class folder": (
        lambda: a_question(evidence(folders=frozenset({clue("camera-1")}))),
        Concern.PEOPLE_UNATTRIBUTED,
    ),
    "names but no class folder": (
        lambda: a_question(
            evidence(folders=frozenset({clue("camera-1")}), tags=(a_tag("amara okafor"),))
        ),
        Concern.PEOPLE_INCOMPLETE,
    ),
    "an unknown name": (
        lambda: a_question(evidence(tags=(a_tag("a visitor"),))),
        Concern.PEOPLE_UNKNOWN_NAME,
    ),
    "an unknown person in image": (
        lambda: a_question(evidence(tags=(a_tag("a visitor", TagSource.PERSON_IN_IMAGE),))),
        Concern.PEOPLE_UNKNOWN_NAME,
    ),
    "two pupils of one name": (
        lambda: a_question(
            evidence(tags=(a_tag("sam taylor"),)),
            a_register(a_person(name="sam taylor"), a_person(BEN, name="sam taylor")),
        ),
        Concern.PEOPLE_AMBIGUOUS_NAME,
    ),
    "an empty class": (
        lambda: a_question(register=a_register(members=frozenset())),
        Concern.PEOPLE_ROSTER_EMPTY,
    ),
    "a class with a stranger to the register": (
        lambda: a_question(register=a_register(members=frozenset({AMARA, BEN, CAMERA}))),
        Concern.PERMISSION_ABSENT,
    ),
    "more faces than the class has children": (
        lambda: a_question(evidence(look=Look(faces=3, pixels=clue("pixels")))),
        Concern.PEOPLE_UNCOUNTED,
    ),
    "faces that nobody counted": (
        lambda: a_question(evidence(look=None)),
        Concern.PEOPLE_NOT_COUNTED,
    ),
    "more faces than a person named": (
        lambda: a_question(
            evidence(look=Look(faces=2, pixels=clue("pixels"))),
            context=Context(said=Said(people=frozenset({AMARA}), present=NOBODY_ELSE)),
        ),
        Concern.PEOPLE_UNCOUNTED,
    ),
    "a face where a person said nobody": (
        lambda: a_question(context=Context(said=Said(present=NOBODY_ELSE))),
        Concern.PEOPLE_UNCOUNTED,
    ),
    "a class card": (
        lambda: a_question(evidence(cards=("PW1:whatever",))),
        Concern.CARD_PICTURE,
    ),
    "a messenger's name": (
        lambda: a_question(evidence(notes=frozenset({Concern.DEVICE_MESSENGER}))),
        Concern.DEVICE_MESSENGER,
    ),
    "a picture editor's file": (
        lambda: a_question(evidence(notes=frozenset({Concern.DEVICE_EDITED}))),
        Concern.DEVICE_EDITED,
    ),
    **{
        concern.code: (
            lambda concern=concern: a_question(
                context=Context(sitting=Sitting(opened_by=CASE, concerns=frozenset({concern})))
            ),
            concern,
        )
        for concern in (
            Concern.CARD_FORGED,
            Concern.CARD_EXPIRED,
            Concern.CARD_WITHDRAWN,
            Concern.CARD_UNKNOWN,
            Concern.CARD_CONFLICTING,
            Concern.SITTING_DISORDERED,
        )
    },
    "register past its validity": (
        lambda: a_question(register=replace(a_register(), valid_until=NOW - timedelta(seconds=1))),
        Concern.REGISTER_STALE,
    ),
    "no register": (
        lambda: a_question(register=NoRegister(Concern.REGISTER_MISSING)),
        Concern.REGISTER_MISSING,
    ),
    "screenshot": (
        lambda: a_question(evidence(notes=frozenset({Concern.DEVICE_SCREENSHOT}))),
        Concern.DEVICE_SCREENSHOT,
    ),
    "notes beside it cannot be read": (
        lambda: a_question(evidence(notes=frozenset({Concern.PEOPLE_NOTES_UNREADABLE}))),
        Concern.PEOPLE_NOTES_UNREADABLE,
    ),
    "name below a root that nobody bears": (
        lambda: a_question(evidence(tags=(a_tag("a visitor", TagSource.HIERARCHY),))),
        Concern.PEOPLE_UNKNOWN_NAME,
    ),
    "name that was cut": (
        lambda: a_question(evidence(tags=(a_tag("amara oka", TagSource.CUT),))),
        Concern.PEOPLE_UNKNOWN_NAME,
    ),
    "untrusted register": (
        lambda: a_question(register=NoRegister(Concern.REGISTER_UNTRUSTED)),
        Concern.REGISTER_UNTRUSTED,
    ),
    "rolled back register": (
        lambda: a_question(register=NoRegister(Concern.REGISTER_ROLLED_BACK)),
        Concern.REGISTER_ROLLED_BACK,
    ),
    "clock behind our records": (
        lambda: a_question(moment=replace(MOMENT, trusted=False)),
        Concern.CLOCK_UNTRUSTED,
    ),
    "clock behind the register": (
        lambda: a_question(register=replace(a_register(), issued_at=NOW + timedelta(hours=1))),
        Concern.CLOCK_UNTRUSTED,
    ),
    "somebody whom nobody knows": (
        lambda: a_question(
            context=Context(said=Said(people=frozenset({AMARA}), present=Present(not_known=1)))
        ),
        Concern.PEOPLE_NOT_KNOWN,
    ),
    "cannot be cleaned": (
        lambda: a_question(evidence(refusal=Concern.MEDIA_UNSUPPORTED)),
        Concern.MEDIA_UNSUPPORTED,
    ),
    "cannot be read": (
        lambda: a_question(evidence(refusal=Concern.MEDIA_UNREADABLE)),
        Concern.MEDIA_UNREADABLE,
    ),
}


@pytest.mark.parametrize("what", SPOILT)
def test_one_spoilt_thing_is_the_only_concern(what: str) -> None:
    make, concern = SPOILT[what]
    decision = judge(make())
    assert decision.concerns == (concern,)
    assert decision.verdict is concern.severity
    assert decision.verdict is not Verdict.KEEP


def test_every_concern_that_a_rule_can_name_is_spoilt_here() -> None:
    elsewhere = {
        Concern.MEDIA_EMPTY,
        Concern.MEDIA_UNDECODED,
        Concern.MEDIA_UNVERIFIABLE,
        Concern.MEDIA_UNVERIFIED,
        Concern.MEDIA_TOO_LARGE,
        Concern.DEVICE_PHONE_NAME,
        Concern.PEOPLE_UNNAMED_FACE,
        Concern.PEOPLE_VISITORS,
        Concern.FREEZE_COPY,
        Concern.DECISION_UNPROVEN,
    }
    assert {concern for _, concern in SPOILT.values()} == set(Concern) - elsewhere


def test_an_unnamed_face_without_a_class_holds() -> None:
    what = evidence(folders=frozenset({clue("camera-1")}), tags=(a_tag(None),))
    assert Concern.PEOPLE_UNNAMED_FACE in judge(a_question(what)).concerns


def test_an_ordinary_keyword_is_no_name() -> None:
    what = evidence(tags=(a_tag("sports day", TagSource.KEYWORD),))
    assert judge(a_question(what)).verdict is Verdict.KEEP


def test_a_keyword_that_is_a_register_name_counts() -> None:
    register = a_register(
        a_person(),
        a_person(BEN, an_answer(Says.NO), name="ben hart"),
        members=frozenset({AMARA}),
    )
    what = evidence(tags=(a_tag("ben hart", TagSource.KEYWORD),))
    assert judge(a_question(what, register)).concerns == (Concern.PERMISSION_REFUSED,)


def test_without_rules_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """No objection is not enough: with every rule gone, the proofs still hold the line."""
    monkeypatch.setattr(law, "RULES", ())
    for make, _ in SPOILT.values():
        assert judge(make()).concerns == (Concern.DECISION_UNPROVEN,)


def test_a_replayed_decision_is_the_same() -> None:
    for make, _ in SPOILT.values():
        question = make()
        assert judge(question) == judge(replace(question))


def test_the_decision_counts_how_people_stand() -> None:
    question = with_amara(an_answer(Says.NO))
    counts = {standing.value: count for standing, count in judge(question).standings.items()}
    assert counts == {"granted": 1, "refused": 1}


def test_the_roster_is_cited_by_id() -> None:
    assert a_question().facts.attribution.rosters == (CLASS_3B,)
