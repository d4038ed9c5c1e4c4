# SPDX-License-Identifier: Apache-2.0
"""Faces that somebody marked, names that phones give, notes that nobody could read."""

from dataclasses import replace

import pytest

from agent.core import decide as law
from agent.core.attribution import NOBODY_ELSE, Context, Said
from agent.core.concerns import Concern, Verdict, plain_reason, reason_for_colleagues
from agent.core.decide import judge
from agent.core.model import Look
from tests.builders import AMARA, BEN, POLICY, a_question, a_tag, clue, evidence


def test_more_faces_marked_than_people_listed_holds_whatever_was_counted() -> None:
    what = evidence(tags=(a_tag("amara okafor"), a_tag("ben hart"), a_tag(None)))
    assert judge(a_question(what)).concerns == (Concern.PEOPLE_UNCOUNTED,)
    lenient = replace(POLICY, count_small_faces=False)
    seen = replace(what, look=Look(faces=3, small_faces=3, pixels=clue("pixels")))
    assert judge(a_question(seen, policy=lenient)).concerns == (Concern.PEOPLE_UNCOUNTED,)


def test_more_unnamed_faces_than_people_hold_where_nobody_could_count() -> None:
    what = evidence(look=None, tags=(a_tag(None), a_tag(None)))
    said = Context(said=Said(people=frozenset({AMARA}), present=NOBODY_ELSE))
    assert judge(a_question(what, context=said)).concerns == (Concern.PEOPLE_UNNAMED_FACE,)
    both = Context(said=Said(people=frozenset({AMARA, BEN}), present=NOBODY_ELSE))
    assert judge(a_question(what, context=both)).verdict is Verdict.KEEP


def test_more_unnamed_faces_than_people_are_no_proof_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(law, "RULES", ())
    said = Context(said=Said(people=frozenset({AMARA}), present=NOBODY_ELSE))
    for marked, concerns in ((1, ()), (2, (Concern.DECISION_UNPROVEN,))):
        what = evidence(look=None, tags=(a_tag(None),) * marked)
        assert judge(a_question(what, context=said)).concerns == concerns


def test_a_name_that_phones_give_matters_where_no_school_device_is_shown() -> None:
    phone = frozenset({Concern.DEVICE_PHONE_NAME})
    nobody = evidence(serials=frozenset(), model=None, notes=phone)
    assert judge(a_question(nobody)).concerns == (
        Concern.DEVICE_NO_EVIDENCE,
        Concern.DEVICE_PHONE_NAME,
    )
    tablet = evidence(
        serials=frozenset(),
        model=clue("ipad"),
        folders=frozenset({clue("ipad-1"), clue("3b")}),
        notes=phone,
    )
    assert judge(a_question(tablet)).verdict is Verdict.KEEP


def test_notes_that_nobody_could_read_matter_no_more_when_a_person_has_said_who_is_in_it() -> None:
    what = evidence(notes=frozenset({Concern.PEOPLE_NOTES_UNREADABLE}))
    said = Context(said=Said(people=frozenset({AMARA}), present=NOBODY_ELSE))
    assert judge(a_question(what, context=said)).verdict is Verdict.KEEP


def test_colleagues_read_no_more_than_that_it_is_held() -> None:
    phone = (Concern.DEVICE_UNREGISTERED, Concern.PEOPLE_UNATTRIBUTED)
    assert "register" in plain_reason(phone)
    assert reason_for_colleagues(phone) == "It is held; the office knows why."
    other = (Concern.PEOPLE_UNATTRIBUTED,)
    assert reason_for_colleagues(other) == plain_reason(other)
    assert reason_for_colleagues(()) == plain_reason(())
    assert [concern for concern in Concern if concern.is_confidential] == [
        Concern.DEVICE_UNREGISTERED,
        Concern.DEVICE_PHONE_NAME,
        Concern.PERMISSION_RESTRICTED,
        Concern.FREEZE_COPY,
    ]
