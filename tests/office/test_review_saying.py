# SPDX-License-Identifier: Apache-2.0
"""From a page's answers to facts: what is unclear is refused, nothing is filled in."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.attribution import NOTHING_SAID, Present
from agent.core.covering import Place
from agent.core.desk import SayAbsent, SayPresent
from agent.core.model import CaseId, RosterId, Token
from agent.core.statements import Statement, StatementKind
from service.office.review.saying import (
    Face,
    Looks,
    Said,
    Unclear,
    Whose,
    check_for_many,
    differences,
    is_newest,
    say_present,
    take_back,
    wish,
)
from tests.builders import NOW, OFFICE

CASE = CaseId("c" * 26)
AMY, BEN = Token("a" * 26), Token("b" * 26)
VISITOR, SMALL, UNKNOWN = (
    Face(whose=whose) for whose in (Whose.VISITOR, Whose.TOO_SMALL, Whose.NOT_KNOWN)
)
BOX = Place(left=0.1, top=0.1, width=0.2, height=0.2)


def of(token: Token) -> Face:
    return Face(whose=Whose.PERSON, person=token)


def test_every_face_becomes_a_count_or_a_person() -> None:
    said = Said(
        faces={1: of(BEN), 2: VISITOR, 3: SMALL, 4: UNKNOWN},
        missed=(of(AMY), VISITOR),
        is_everyone=True,
    )
    assert say_present(CASE, said, 4) == SayPresent(
        case=CASE,
        people=(AMY, BEN),
        present=Present(is_everyone=True, visitors=2, not_known=1, added_faces=2, too_small=(3,)),
    )


def test_people_without_a_face_are_in_it_too() -> None:
    act = say_present(CASE, Said(beside=(BEN, AMY), is_everyone=True), 0)
    assert act.people == (AMY, BEN)
    assert act.present.added_faces == 0


def test_nobody_else_needs_a_word_on_every_face() -> None:
    with pytest.raises(Unclear, match="faces 1, 3"):
        say_present(CASE, Said(faces={2: of(AMY)}, is_everyone=True), 3)
    with pytest.raises(Unclear, match="of face 2 yet"):
        say_present(CASE, Said(faces={1: of(AMY)}, is_everyone=True), 2)


def test_without_the_confirmation_others_may_be_there() -> None:
    act = say_present(CASE, Said(faces={1: of(AMY)}), 3)
    assert not act.present.is_everyone
    assert act.people == (AMY,)


def test_nobody_at_all_is_a_fact_and_silence_is_none() -> None:
    act = say_present(CASE, Said(is_everyone=True), 0)
    assert (act.people, act.present) == ((), Present())
    with pytest.raises(Unclear, match="Nothing is said"):
        say_present(CASE, Said(), 0)


@pytest.mark.parametrize(
    "said",
    [
        Said(faces={1: of(AMY), 2: of(AMY)}),
        Said(faces={1: of(AMY)}, missed=(of(AMY),)),
        Said(faces={1: of(AMY)}, beside=(AMY,)),
        Said(beside=(AMY, AMY)),
    ],
)
def test_nobody_is_named_twice(said: Said) -> None:
    with pytest.raises(Unclear, match="twice"):
        say_present(CASE, said, 2)


@pytest.mark.parametrize("number", [0, 3])
def test_a_face_that_is_not_there_is_refused(number: int) -> None:
    with pytest.raises(Unclear, match="no face with that number"):
        say_present(CASE, Said(faces={number: of(AMY)}), 2)


def test_a_missed_face_is_never_too_small() -> None:
    with pytest.raises(Unclear, match="add yourself"):
        say_present(CASE, Said(missed=(SMALL,), is_everyone=True), 0)


def test_a_face_is_somebodys_or_nobodys() -> None:
    with pytest.raises(ValueError, match="token"):
        Face(whose=Whose.PERSON)
    with pytest.raises(ValueError, match="token"):
        Face(whose=Whose.VISITOR, person=AMY)


FACES = st.sampled_from([of(AMY), of(BEN), VISITOR, SMALL, UNKNOWN])


@given(
    counted=st.integers(0, 6),
    faces=st.dictionaries(st.integers(1, 6), FACES),
    missed=st.lists(FACES, max_size=3),
    everyone=st.booleans(),
)
def test_whatever_is_taken_accounts_for_every_face(
    counted: int, faces: dict[int, Face], missed: list[Face], everyone: bool
) -> None:
    said = Said(faces=faces, missed=tuple(missed), is_everyone=everyone)
    try:
        act = say_present(CASE, said, counted)
    except Unclear:
        return
    present = act.present
    accounted = len(act.people) + present.visitors + present.not_known + len(present.too_small)
    assert accounted == len(faces) + len(missed)
    if everyone:
        assert accounted == counted + present.added_faces


# --- one answer for many --------------------------------------------------------------------------

FIRST = Looks(faces=2, kind="jpeg", rosters=frozenset({RosterId("r")}))


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (FIRST, ""),
        (replace(FIRST, faces=3), "shows 3 faces, the first one 2"),
        (replace(FIRST, faces=None), "Nobody has counted"),
        (replace(FIRST, kind="png"), "another kind"),
        (replace(FIRST, rosters=frozenset()), "another class"),
        (replace(FIRST, is_said=True), "said already"),
    ],
)
def test_pictures_that_differ_are_shown_with_why(other: Looks, why: str) -> None:
    found = differences(FIRST, {CASE: other})
    assert list(found) == ([CASE] if why else [])
    assert why in found.get(CASE, "")


def test_faces_that_nobody_counted_fit_nothing() -> None:
    uncounted = replace(FIRST, faces=None)
    assert CASE in differences(uncounted, {CASE: uncounted})


def test_what_can_be_said_of_many() -> None:
    check_for_many(Said(faces={1: of(AMY), 2: UNKNOWN}, is_everyone=True))
    for said in (
        Said(faces={1: SMALL}, is_everyone=True),
        Said(missed=(of(AMY),), is_everyone=True),
        Said(faces={1: of(AMY)}),
    ):
        with pytest.raises(Unclear):
            check_for_many(said)


# --- taking back ----------------------------------------------------------------------------------


def a_statement(id_: str, *people: Token, kind: str = "present", about: str = CASE) -> Statement:
    return Statement(
        id=id_, about=about, kind=StatementKind(kind), people=people, at=NOW, by=OFFICE
    )


def test_taking_back_the_first_statement_says_nothing() -> None:
    assert take_back(a_statement("2", AMY), [], CASE) == [
        SayPresent(case=CASE, people=(), present=NOTHING_SAID)
    ]


def test_taking_back_says_again_what_was_said_before() -> None:
    earlier = replace(a_statement("1", BEN), present=Present(visitors=2))
    absence = a_statement("0", AMY, kind="absent", about="s")
    assert take_back(a_statement("2", AMY), [earlier, absence], CASE) == [
        SayPresent(case=CASE, people=(BEN,), present=Present(visitors=2))
    ]


def test_taking_back_an_absence_begins_with_nobody() -> None:
    nobody = SayAbsent(case=CASE, people=())
    now = a_statement("3", AMY, BEN, kind="absent", about="s.x")
    assert take_back(now, [], CASE) == [nobody]
    earlier = [
        a_statement("1", AMY, kind="absent", about="s.x"),
        a_statement("2", BEN, kind="absent", about="s.x"),
    ]
    assert take_back(now, earlier, CASE) == [nobody, SayAbsent(case=CASE, people=(BEN,))]


def test_only_the_newest_on_a_matter_is_the_newest() -> None:
    one, two = a_statement("1", AMY), a_statement("2", BEN)
    other = a_statement("3", BEN, kind="absent", about="s")
    assert is_newest(two, [one, two, other])
    assert not is_newest(one, [one, two, other])
    assert not is_newest(one, [])


# --- covering -------------------------------------------------------------------------------------


def test_a_wish_says_of_everybody_named_what_becomes_of_them() -> None:
    made = wish([BOX], {AMY: True, BEN: False}, [], nobody_left=False)
    assert (made.places, made.covered, made.left) == ((BOX,), (AMY,), (BEN,))


@pytest.mark.parametrize(
    ("places", "named", "left", "nobody", "why"),
    [
        ([], {}, [], True, "Choose a face"),
        ([BOX], {AMY: None}, [], True, "everybody who is named"),
        ([BOX], {AMY: True}, [AMY], False, "covered and to be still there"),
        ([BOX], {AMY: True}, [], False, "Say who is still"),
        ([BOX], {AMY: False}, [], True, "Say who is still"),
        ([BOX], {}, [BEN], True, "Say who is still"),
    ],
)
def test_an_unclear_wish_is_refused(
    places: list[Place], named: dict[Token, bool | None], left: list[Token], nobody: bool, why: str
) -> None:
    with pytest.raises(Unclear, match=why):
        wish(places, named, left, nobody_left=nobody)


def test_a_wish_may_leave_nobody() -> None:
    assert wish([BOX], {AMY: True}, [], nobody_left=True).left == ()
