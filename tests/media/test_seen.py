# SPDX-License-Identifier: Apache-2.0
"""What a child says that it saw is checked like everything else that it says."""

from typing import Any

import pytest

from agent.media.errors import ChildFailed
from agent.media.seen import (
    MAX_FACES,
    FaceBox,
    Seen,
    Sight,
    from_untrusted,
    sight_of,
    small_faces,
    to_plain,
)

CARD = "PW1:C:ABCDEFGHIJKL:26:ABCDEFGHIJKLMNOP"
FACE = FaceBox(left=0.25, top=0.5, width=0.125, height=0.25, score=0.75)
SOUND = Seen(
    width=4000,
    height=3000,
    pixels="0f" * 32,
    outline=2**63 + 1,
    faces=(FACE,),
    cards=(CARD,),
)


def test_a_sound_look_comes_back_as_it_was() -> None:
    assert from_untrusted(to_plain(SOUND)) == SOUND


def test_a_look_without_faces_and_outline_comes_back_as_it_was() -> None:
    blind = Seen(width=1, height=1, pixels="00" * 32)
    assert from_untrusted(to_plain(blind)) == blind


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("size", [4000]),
        ("size", [0, 1]),
        ("size", [70_000, 1]),
        ("size", [True, 1]),
        ("size", ["1", 1]),
        ("pixels", "0f" * 31),
        ("pixels", "Amara Okafor".ljust(64, "0")),
        ("pixels", None),
        ("outline", 5),
        ("outline", "0" * 17),
        ("faces", {}),
        ("faces", [1]),
        ("faces", [[0.1, 0.1, 0.1, 0.1]]),
        ("faces", [[0.1, 0.1, 0.1, 0.1, 0.5, 0.5]]),
        ("faces", [[-0.1, 0.1, 0.1, 0.1, 0.5]]),
        ("faces", [[0.1, 0.1, 0.0, 0.1, 0.5]]),
        ("faces", [[0.1, 0.1, 1.1, 0.1, 0.5]]),
        ("faces", [[0.1, 0.1, float("nan"), 0.1, 0.5]]),
        ("faces", [[0.1, 0.1, float("inf"), 0.1, 0.5]]),
        ("faces", [["0.1", 0.1, 0.1, 0.1, 0.5]]),
        ("faces", [[0.1, 0.1, 0.1, 0.1, True]]),
        ("faces", [[0.1, 0.1, 10**400, 0.1, 0.5]]),
        ("faces", [[0.1, 0.1, 0.1, 0.1, 0.5]] * (MAX_FACES + 1)),
        ("cards", None),
        ("cards", [1]),
    ],
)
def test_a_look_of_another_shape_is_a_failure_of_the_child(key: str, value: object) -> None:
    with pytest.raises(ChildFailed):
        from_untrusted({**to_plain(SOUND), key: value})


@pytest.mark.parametrize("key", ["size", "pixels", "outline", "faces", "cards"])
def test_a_look_that_lacks_something_is_a_failure_of_the_child(key: str) -> None:
    plain = to_plain(SOUND)
    del plain[key]
    with pytest.raises(ChildFailed):
        from_untrusted(plain)


def test_no_text_but_that_of_a_card_comes_out_of_a_look() -> None:
    plain = {**to_plain(SOUND), "cards": ["Amara Okafor", "PW1:Amara", CARD]}
    assert from_untrusted(plain).cards == ("PW1:", CARD)


@pytest.mark.parametrize("answer", [{}, {"sight": 1}, {"sight": "fine"}, {"sight": None}])
def test_an_unknown_sight_is_a_failure_of_the_child(answer: dict[str, Any]) -> None:
    with pytest.raises(ChildFailed):
        sight_of(answer)


@pytest.mark.parametrize("sight", Sight)
def test_each_sight_has_its_code_and_what_is_wrong_has_a_remedy(sight: Sight) -> None:
    assert sight_of({"sight": sight.code}) is sight
    assert bool(sight.remedy) is (sight is not Sight.READY)


def test_a_face_is_small_by_the_mean_of_its_sides_against_the_long_side() -> None:
    def seen(*faces: FaceBox) -> Seen:
        return Seen(width=4000, height=3000, pixels="0" * 64, faces=faces)

    forty = FaceBox(left=0, top=0, width=0.005, height=80 / 3000)  # 20 x 80 pixels
    less = FaceBox(left=0, top=0, width=0.005, height=79 / 3000)
    assert small_faces(seen(forty), 0.01) == 0
    assert small_faces(seen(less, forty), 0.01) == 1
    assert small_faces(seen(), 0.01) == 0
