# SPDX-License-Identifier: Apache-2.0
"""Faces that somebody marked, numbered or added, at their bounds; found by planted faults."""

import pytest

from agent.core.attribution import Context, Present, Said
from agent.core.concerns import Concern, Verdict
from agent.core.decide import judge, judge_together
from agent.core.model import Look
from tests.builders import AMARA, a_question, a_tag, clue, evidence


def concerns(what: object, **beside: object) -> tuple[Concern, ...]:
    said = Said(people=frozenset({AMARA}), present=Present(**beside))
    return judge(a_question(what, context=Context(said=said))).concerns


def seen(faces: int | None) -> Look:
    return Look(faces=faces, pixels=clue("pixels"))


@pytest.mark.parametrize(
    ("number", "expected"), [(1, ()), (2, ()), (3, (Concern.PEOPLE_UNCOUNTED,))]
)
def test_only_a_face_that_was_counted_can_be_too_small(
    number: int, expected: tuple[Concern, ...]
) -> None:
    assert concerns(evidence(look=seen(2)), too_small=(number,)) == expected


def test_where_nobody_counted_no_face_is_too_small() -> None:
    nobody_counted = evidence(look=None)
    assert concerns(nobody_counted, added_faces=2, too_small=(1,)) == (Concern.PEOPLE_UNCOUNTED,)


def test_faces_are_numbered_from_one_and_counted_from_zero() -> None:
    assert Present(too_small=(1,)).too_small == (1,)
    with pytest.raises(ValueError, match="numbered from 1"):
        Present(too_small=(0,))


def test_a_visitor_accounts_for_a_marked_face_where_nobody_could_count() -> None:
    marked = evidence(look=None, tags=(a_tag(None), a_tag(None)))
    assert concerns(marked, visitors=1) == ()
    assert concerns(marked) == (Concern.PEOPLE_UNNAMED_FACE,)


def test_a_marked_face_beside_a_name_holds_without_a_class() -> None:
    what = evidence(
        folders=frozenset({clue("camera-1")}), tags=(a_tag("amara okafor"), a_tag(None))
    )
    assert set(judge(a_question(what)).concerns) == {
        Concern.PEOPLE_UNNAMED_FACE,
        Concern.PEOPLE_INCOMPLETE,
    }


def test_a_look_that_could_not_count_counts_for_no_look() -> None:
    assert judge(a_question(evidence(look=seen(None)))).concerns == (Concern.PEOPLE_NOT_COUNTED,)


def test_a_registered_camera_may_give_names_as_telephones_do() -> None:
    what = evidence(notes=frozenset({Concern.DEVICE_PHONE_NAME}))
    assert judge(a_question(what)).verdict is Verdict.KEEP


def test_names_in_a_file_that_nobody_can_read_say_nothing() -> None:
    what = evidence(refusal=Concern.MEDIA_UNREADABLE, tags=(a_tag("a stranger"),))
    assert concerns(what, not_known=1) == (Concern.MEDIA_UNREADABLE,)


def test_what_a_copy_objects_holds() -> None:
    question = a_question()
    decision = judge_together(question, (), {Concern.PERMISSION_REFUSED})
    assert decision.concerns == (Concern.PERMISSION_REFUSED,)
