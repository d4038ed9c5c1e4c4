# SPDX-License-Identifier: Apache-2.0
"""A redacted copy is proven: nobody is seen under its covers, or there is no copy."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pytest
from PIL import Image

from agent.adapters import coverer as module
from agent.adapters.coverer import Coverer
from agent.core.canonical import encode
from agent.core.clues import ClueMaker
from agent.core.covering import Place
from agent.core.model import CaseId
from agent.demo.pictures import draw_people
from agent.media.child import Child
from agent.media.errors import ChildFailed
from agent.media.model import Kind
from agent.media.seen import Sensitivity
from agent.ports import Examined, NotCovered, OpenedCase
from tests.builders import a_tag, evidence
from tests.media.test_look import jpeg, written
from tests.shared import shared_folder

CLUES: Final = ClueMaker(bytes(32))
PARENT: Final = CaseId("p" * 26)
SIZE: Final = (800, 600)
DETAILS: Final = {
    "name": "camera-1/3B/Amara at the fair.JPG",
    "kind": "PNG",
    "people": [["region", "Amara Okafor", None]],
    "faces": [],
}


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def opened(content: bytes | None = None) -> OpenedCase:
    picture = written(draw_people(3, size=SIZE), "PNG") if content is None else content
    return OpenedCase(
        case=PARENT,
        evidence=evidence(tags=(a_tag("amara okafor"), a_tag(None))),
        details=DETAILS,
        content=picture,
    )


def a_face(number: int, people: int = 3) -> Place:
    """Return the place of one of several people who stand side by side."""
    across = (2 * number + 1) / (2 * people)
    return Place(left=across - 0.02, top=0.46, width=0.04, height=0.08)


def content_of(made: Examined) -> bytes:
    return b"".join(made.medium.chunks())


def covered(child: Child, *places: Place, what: OpenedCase | None = None) -> Examined:
    made = Coverer(child, CLUES).cover(what or opened(), places)
    assert isinstance(made, Examined), made
    return made


def test_who_is_covered_is_not_counted_any_more(child: Child) -> None:
    made = covered(child, a_face(1))
    assert made.evidence.look is not None
    assert made.evidence.look.faces == 2
    seen = child.look(Kind.JPEG, content_of(made), Sensitivity.CAREFUL)
    assert len(seen.faces or ()) == 2


def test_all_may_be_covered(child: Child) -> None:
    made = covered(child, *(a_face(number) for number in range(3)))
    assert made.evidence.look is not None
    assert made.evidence.look.faces == 0


def test_a_copy_names_its_parent_and_no_person(child: Child) -> None:
    made = covered(child, a_face(0))
    assert made.evidence.parent == PARENT
    assert made.evidence.tags == ()
    assert made.evidence.serials == opened().evidence.serials
    assert made.details["parent"] == PARENT
    assert "Amara" not in str(made.details)
    assert len(made.details["covered"]) == 1  # type: ignore[arg-type]  # JSON
    assert len(made.details["faces"]) == 2  # type: ignore[arg-type]  # JSON
    assert json.loads(encode({**made.details}))["kind"] == "JPEG"


def test_the_same_covers_make_the_same_case(child: Child) -> None:
    assert covered(child, a_face(0)).case == covered(child, a_face(0)).case
    assert covered(child, a_face(0)).case != covered(child, a_face(1)).case


def test_a_copy_is_a_clean_jpeg_of_the_same_size(child: Child) -> None:
    made = covered(child, a_face(0))
    with Image.open(io.BytesIO(content_of(made))) as picture:
        assert (picture.format, picture.size) == ("JPEG", SIZE)
        assert not picture.getexif()
    assert made.medium.extension == "jpg"
    assert made.medium.size == len(content_of(made))
    assert repr(made.medium) == "_InMemory(extension='jpg')"


@pytest.mark.shared
def test_a_cover_that_is_too_small_for_the_face_is_refused(child: Child) -> None:
    file = shared_folder("corpus", "faces") / "2008_001322.jpg"
    with Image.open(file) as small:
        large = small.resize((small.width * 3, small.height * 3)).convert("RGB")
    seen = child.look(Kind.JPEG, jpeg(large), Sensitivity.NORMAL)
    assert seen.faces
    face = max(seen.faces, key=lambda one: one.width)
    whole = Place(left=face.left, top=face.top, width=face.width, height=face.height)
    mouth = Place(
        left=face.left + 0.4 * face.width,
        top=face.top + 0.7 * face.height,
        width=0.2 * face.width,
        height=0.1 * face.height,
    )
    holding = Place(
        left=face.left + 0.4 * face.width,
        top=face.top + 0.4 * face.height,
        width=0.2 * face.width,
        height=0.2 * face.height,
    )
    make = Coverer(child, CLUES).cover
    assert make(opened(jpeg(large)), [mouth, holding]) is NotCovered.FACE_LEFT
    assert isinstance(make(opened(jpeg(large)), [whole]), Examined)


def test_a_face_that_is_still_seen_in_its_place_is_refused(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted fault: the cover is painted beside the place."""
    paint = child.cover

    def beside(kind: Kind, data: bytes, places: Sequence[Sequence[float]]) -> bytes:
        return paint(kind, data, [(0.0, 0.0, width, height) for _, _, width, height in places])

    monkeypatch.setattr(child, "cover", beside)
    monkeypatch.setattr(module, "TOLERANCE", 255)
    monkeypatch.setattr("agent.core.covering.GROWTH", -0.9)
    made = Coverer(child, CLUES).cover(opened(), [a_face(1)])
    assert made is NotCovered.FACE_LEFT


def test_a_cover_in_the_wrong_place_is_refused(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    paint = child.cover

    def beside(kind: Kind, data: bytes, places: Sequence[Sequence[float]]) -> bytes:
        return paint(kind, data, [(0.0, 0.0, width, height) for _, _, width, height in places])

    monkeypatch.setattr(child, "cover", beside)
    assert Coverer(child, CLUES).cover(opened(), [a_face(1)]) is NotCovered.NOT_ONE_COLOUR


def test_without_a_place_there_is_no_copy(child: Child) -> None:
    assert Coverer(child, CLUES).cover(opened(), []) is NotCovered.NOT_ONE_COLOUR


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", jpeg(draw_people(2))[:4000], b"RIFF\x10\0\0\0AVI LIST" + bytes(8)],
    ids=["empty", "nothing", "truncated", "recording"],
)
def test_what_does_not_decode_has_no_copy(content: bytes, child: Child) -> None:
    assert Coverer(child, CLUES).cover(opened(content), [a_face(0)]) is NotCovered.UNREADABLE


def test_where_faces_cannot_be_looked_for_there_is_no_copy() -> None:
    program = (
        "import sys; sys.path.insert(0, {root!r}); sys.modules['onnxruntime'] = None; "
        "from agent.media.worker import main; main()"
    )
    with Child(program=program) as blind:
        assert Coverer(blind, CLUES).cover(opened(), [a_face(0)]) is NotCovered.NOT_CHECKED


def test_a_child_that_fails_makes_no_copy(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Mapping[str, Any]:
        raise ChildFailed("planted")

    monkeypatch.setattr(child, "unevenness", fail)
    assert Coverer(child, CLUES).cover(opened(), [a_face(0)]) is NotCovered.UNREADABLE


def test_an_opened_case_shows_neither_picture_nor_names() -> None:
    assert "Amara" not in repr(opened())
    assert "PNG" not in repr(opened())
