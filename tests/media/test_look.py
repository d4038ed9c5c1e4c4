# SPDX-License-Identifier: Apache-2.0
"""One look at a picture in the child: faces, cards, digests, whatever the format and the state of
the computer; and no face is ever recognised."""

import ast
import hashlib
import io
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import segno
from PIL import Image, ImageFilter

from agent.core.cards import Card, CardKind, card_text
from agent.core.copies import MAX_DISTANCE
from agent.demo import pictures
from agent.media import detector, eyes
from agent.media.child import Child
from agent.media.errors import ChildFailed, Malformed, Unsupported
from agent.media.model import Kind
from agent.media.seen import Seen, Sensitivity, Sight
from tests.media.stills import png_file
from tests.media.test_child import bomb
from tests.shared import REPOSITORY

CARD: Final = card_text(Card(kind=CardKind.CLASS, id="ABCDEFGHIJKL", year="26"), b"key")
NORMAL: Final = Sensitivity.NORMAL


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def draw_people(count: int, scene: int = 0, size: tuple[int, int] = (800, 600)) -> Image.Image:
    return pictures.draw_people(count, scene, size)


def written(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def jpeg(picture: Image.Image, quality: int = 90) -> bytes:
    return written(picture, "JPEG", quality=quality)


@pytest.mark.parametrize("people", [1, 2, 5])
def test_faces_are_counted_and_located(people: int, child: Child) -> None:
    seen = child.look(Kind.JPEG, jpeg(draw_people(people)), NORMAL)
    assert seen.faces is not None
    assert len(seen.faces) == people
    for number, face in enumerate(seen.faces):
        assert face.left < (2 * number + 1) / (2 * people) < face.left + face.width
        assert face.top < 0.5 < face.top + face.height
        assert 20 < face.size(seen.width, seen.height) < 60


def test_a_picture_without_people_has_no_faces(child: Child) -> None:
    noise = Image.effect_noise((640, 480), 40).convert("RGB")
    assert child.look(Kind.JPEG, jpeg(noise), Sensitivity.CAREFUL).faces == ()


def test_a_school_that_does_not_count_gets_no_faces(child: Child) -> None:
    assert child.look(Kind.JPEG, jpeg(draw_people(2)), None).faces is None


def test_the_three_sensitivities_ask_for_more_and_more_certainty(child: Child) -> None:
    blurred = jpeg(draw_people(6).filter(ImageFilter.GaussianBlur(2.4)))
    found = [child.look(Kind.JPEG, blurred, one).faces or () for one in Sensitivity]
    assert [len(faces) for faces in found] == sorted((len(faces) for faces in found), reverse=True)
    for sensitivity, faces in zip(Sensitivity, found, strict=True):
        assert all(face.score > sensitivity.value for face in faces)


@pytest.mark.parametrize("turn", [2, 3, 4], ids=["left", "head", "right"])
def test_a_picture_on_its_side_is_seen_too(turn: int, child: Child) -> None:
    upright = draw_people(4)
    lying = upright.transpose(Image.Transpose(turn))
    seen = child.look(Kind.JPEG, jpeg(lying), NORMAL)
    assert seen.faces is not None
    assert len(seen.faces) == 4
    centres = {(round(f.left + f.width / 2, 1), round(f.top + f.height / 2, 1)) for f in seen.faces}
    along = {0.1, 0.4, 0.6, 0.9}
    assert {round(c[0 if turn == 3 else 1], 1) for c in centres} == along
    assert {c[1 if turn == 3 else 0] for c in centres} == {0.5}


def in_format(kind: Kind, picture: Image.Image) -> bytes:
    if kind is Kind.HEIF:
        from pillow_heif import register_heif_opener  # noqa: PLC0415 - of one format

        register_heif_opener()
    lossless = {"lossless": True} if kind is Kind.WEBP else {"quality": 90}
    return written(picture, {Kind.HEIF: "HEIF"}.get(kind, kind.name), **lossless)


@pytest.mark.parametrize(
    "kind",
    [Kind.JPEG, Kind.PNG, Kind.WEBP, Kind.TIFF, Kind.GIF, Kind.BMP, Kind.HEIF, Kind.AVIF],
    ids=lambda kind: kind.name,
)
def test_faces_and_cards_are_seen_in_every_format(kind: Kind, child: Child) -> None:
    code = io.BytesIO()
    segno.make(CARD, error="m", micro=False).save(code, kind="png", scale=4, border=4)
    picture = draw_people(3)
    picture.paste(Image.open(code).convert("RGB"), (20, 20))
    seen = child.look(kind, in_format(kind, picture), NORMAL)
    assert (seen.width, seen.height) == picture.size
    assert len(seen.faces or ()) == 3
    assert seen.cards == (CARD,)


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "I;16", "CMYK"])
def test_every_kind_of_pixels_is_looked_at(mode: str, child: Child) -> None:
    if mode == "I;16":
        grey = draw_people(2).convert("L").convert("I").point(lambda level: level * 256)
        data, kind = written(grey.convert("I;16"), "PNG"), Kind.PNG
    else:
        kind = Kind.TIFF if mode == "CMYK" else Kind.PNG
        data = written(draw_people(2).convert(mode), kind.name)
    seen = child.look(kind, data, Sensitivity.CAREFUL)
    assert seen.faces is not None
    if mode != "1":
        assert len(seen.faces) == 2


def test_hidden_colours_under_transparency_are_looked_at(child: Child) -> None:
    hidden = draw_people(2).convert("RGBA")
    hidden.putalpha(0)
    assert len(child.look(Kind.PNG, written(hidden, "PNG"), NORMAL).faces or ()) == 2


def test_the_pixel_digest_is_of_size_and_pixels(child: Child) -> None:
    picture = draw_people(1, size=(400, 300))
    expected = hashlib.sha256(b"400x300:" + picture.tobytes()).hexdigest()
    assert child.look(Kind.PNG, written(picture, "PNG"), None).pixels == expected
    assert child.look(Kind.BMP, written(picture, "BMP"), None).pixels == expected


def distance(one: Seen, other: Seen) -> int:
    assert one.outline is not None
    assert other.outline is not None
    return (one.outline ^ other.outline).bit_count()


@pytest.mark.parametrize("scene", [0, 3, 6])
def test_a_resized_and_recompressed_copy_has_the_same_outline(scene: int, child: Child) -> None:
    picture = draw_people(4, scene)
    original = child.look(Kind.JPEG, jpeg(picture), None)
    copies = (
        (Kind.JPEG, jpeg(picture, quality=40)),
        (Kind.JPEG, jpeg(picture.resize((400, 300)), quality=60)),
        (Kind.WEBP, written(picture.resize((600, 450)), "WEBP", quality=50)),
        (Kind.PNG, written(picture.convert("L"), "PNG")),
    )
    for kind, data in copies:
        copy = child.look(kind, data, None)
        assert copy.pixels != original.pixels
        assert distance(original, copy) <= MAX_DISTANCE


def test_other_scenes_have_other_outlines(child: Child) -> None:
    seen = [child.look(Kind.JPEG, jpeg(draw_people(4, scene)), None) for scene in range(6)]
    least = min(distance(a, b) for i, a in enumerate(seen) for b in seen[i + 1 :])
    assert least > 2 * MAX_DISTANCE


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_plain_page_has_no_outline(level: int, child: Child) -> None:
    page = Image.new("L", (400, 300), level)
    page.paste(0, (20, 20, 60, 24))
    assert child.look(Kind.PNG, written(page, "PNG"), None).outline is None


def test_a_bomb_is_refused_and_the_next_picture_is_seen(child: Child) -> None:
    with pytest.raises(Malformed):
        child.look(Kind.PNG, bomb(), NORMAL)
    assert child.look(Kind.PNG, png_file(), NORMAL).faces == ()


@pytest.mark.parametrize("claimed", [Kind.JPEG, Kind.WEBP, Kind.TIFF, Kind.GIF, Kind.HEIF])
def test_a_picture_is_looked_at_with_the_decoder_of_its_kind_only(
    claimed: Kind, child: Child
) -> None:
    with pytest.raises(Malformed):
        child.look(claimed, png_file(), NORMAL)


def test_a_truncated_picture_is_not_filled_up(child: Child) -> None:
    with pytest.raises(Malformed):
        child.look(Kind.JPEG, jpeg(draw_people(2))[:-2000], NORMAL)


def test_a_recording_is_not_looked_at(child: Child) -> None:
    with pytest.raises(Unsupported):
        child.look(Kind.MP4, b"", NORMAL)


def test_a_picture_of_one_pixel_is_looked_at(child: Child) -> None:
    seen = child.look(Kind.PNG, written(Image.new("RGB", (1, 1)), "PNG"), NORMAL)
    assert (seen.faces, seen.outline, seen.cards) == ((), None, ())


def test_a_long_strip_is_looked_at(child: Child) -> None:
    strip = Image.new("RGB", (30_000, 2), "#808080")
    assert child.look(Kind.PNG, written(strip, "PNG"), NORMAL).faces == ()


# --- the state of the computer --------------------------------------------------------------------

START: Final = "import sys; sys.path.insert(0, {root!r}); "
RUN: Final = "from agent.media.worker import main; main()"


def blind(statement: str) -> Child:
    """Return a child on a computer on which something is missing."""
    return Child(program=f"{START}{statement}; {RUN}")


MISSING: Final = {
    "sys.modules['onnxruntime'] = None": Sight.RUNTIME_MISSING,
    "sys.modules['zxingcpp'] = None": Sight.READER_MISSING,
    "sys.modules['pillow_heif'] = None": Sight.HEIF_MISSING,
    "import agent.media.detector as d; from pathlib import Path; d.MODEL = Path('nowhere')": (
        Sight.MODEL_MISSING
    ),
    "import agent.media.detector as d; d.MODEL_SHA256 = '0' * 64": Sight.MODEL_DAMAGED,
}


def test_a_whole_computer_is_ready(child: Child) -> None:
    assert child.sight() is Sight.READY


@pytest.mark.parametrize(
    ("statement", "sight"), MISSING.items(), ids=lambda x: getattr(x, "code", "")
)
def test_what_is_missing_is_said(statement: str, sight: Sight) -> None:
    with blind(statement) as child:
        assert child.sight() is sight


@pytest.mark.parametrize("statement", list(MISSING)[0:1] + list(MISSING)[3:])
def test_without_model_or_runtime_the_rest_is_seen(statement: str) -> None:
    with blind(statement) as child:
        seen = child.look(Kind.JPEG, jpeg(draw_people(2)), NORMAL)
    assert seen.faces is None
    assert seen.outline is not None


@pytest.mark.parametrize(
    ("statement", "kind"), [(list(MISSING)[1], Kind.PNG), (list(MISSING)[2], Kind.HEIF)]
)
def test_without_reader_or_decoder_nothing_is_seen(statement: str, kind: Kind) -> None:
    with blind(statement) as child, pytest.raises(Unsupported):
        child.look(kind, png_file(), NORMAL)


def test_a_damaged_model_is_never_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    damaged = bytearray(detector.MODEL.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path = tmp_path / "centerface.onnx"
    path.write_bytes(damaged)
    monkeypatch.setattr(detector, "MODEL", path)
    detector._session.cache_clear()
    try:
        assert detector.sight() is Sight.MODEL_DAMAGED
        shutil.copy(REPOSITORY / "agent/media/data/centerface.onnx", path)
        assert detector.sight() is Sight.READY
    finally:
        detector._session.cache_clear()


LYING: Final = (
    "from agent.media.frames import read_frame, write_frame; read_frame(sys.stdin.buffer); "
    "write_frame(sys.stdout.buffer, {{'size': [1, 1], 'pixels': '0', 'faces': []}})"
)


def test_a_child_that_lies_about_a_picture_fails_it() -> None:
    with Child(program=START + LYING) as child, pytest.raises(ChildFailed):
        child.look(Kind.PNG, png_file(), NORMAL)


@pytest.mark.skipif(sys.platform == "win32", reason="the memory limit is of POSIX")
def test_a_child_short_of_memory_fails_the_picture_and_lives() -> None:
    small = "import agent.media.worker as w; w.MEMORY_BYTES = 600 << 20"
    large = written(Image.new("RGB", (8000, 8000)), "BMP")
    with blind(small) as child:
        with pytest.raises(ChildFailed):
            child.look(Kind.BMP, large, None)
        assert child.look(Kind.PNG, png_file(), None).width == 48


# --- no face is ever recognised ------------------------------------------------------------------


def test_the_model_says_where_faces_are_and_nothing_else() -> None:
    session = detector._session()
    assert [(one.name, one.shape[1]) for one in session.get_outputs()] == [
        ("537", 1),
        ("538", 2),
        ("539", 2),
    ]
    assert detector.OUTPUTS == ("537", "538", "539")
    assert b"lm_conv" not in detector.MODEL.read_bytes()


def test_there_is_one_model_in_the_tree_and_one_module_that_runs_it() -> None:
    sources = [p for top in ("agent", "service", "config") for p in (REPOSITORY / top).rglob("*")]
    models = [
        p.name for p in sources if p.suffix in {".onnx", ".tflite", ".pt", ".pb", ".caffemodel"}
    ]
    assert models == ["centerface.onnx"]
    runners = {
        path.name
        for path in sources
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom) and "onnxruntime" in ast.unparse(node)
    }
    assert runners == {"detector.py"}


def test_a_face_has_no_field_but_its_place_and_a_score() -> None:
    from dataclasses import fields  # noqa: PLC0415 - one use

    from agent.media.seen import FaceBox  # noqa: PLC0415 - the same

    assert {field.name for field in fields(FaceBox)} == {"left", "top", "width", "height", "score"}


def test_the_rules_get_counts_and_digests_only() -> None:
    from dataclasses import fields  # noqa: PLC0415 - one use

    from agent.core.model import Look  # noqa: PLC0415 - the same

    assert {field.name for field in fields(Look)} == {"faces", "small_faces", "pixels", "outline"}


def test_eyes_and_detector_load_nothing_but_pixels_and_arithmetic() -> None:
    assert eyes.look is not None
    with Child() as child:
        child.look(Kind.PNG, png_file(), NORMAL)
        tell = START + (
            "import agent.media.eyes, agent.media.detector; "
            "from agent.media.frames import read_frame, write_frame; read_frame(sys.stdin.buffer); "
            "write_frame(sys.stdout.buffer, dict(refused='Malformed', "
            "why=' '.join(sorted(set(m.split('.')[0] for m in sys.modules) "
            "& set('cv2 dlib torch sklearn scipy insightface face_recognition'.split())))))"
        )
    with Child(program=tell) as other, pytest.raises(Malformed) as told:
        other.look(Kind.PNG, b"", None)
    assert str(told.value) == ""
