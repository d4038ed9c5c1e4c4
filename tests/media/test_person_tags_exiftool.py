# SPDX-License-Identifier: Apache-2.0
"""People's names in every style and container that programs write, made by exiftool; its traps too.

Each test of the second half is one trap that real files set.
"""

import shutil
import subprocess
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from agent.media.child import Child
from agent.media.cleaning import inspect, people_in_notes, survey
from agent.media.errors import Malformed, MediaError, TooBig
from agent.media.facts import MAX_PEOPLE, PersonTag, TagKind
from tests.media.heif_files import encoded_heic
from tests.media.stills import drawn

EXIFTOOL: Final = shutil.which("exiftool")
ROOTS: Final = ("People", "Pupils")
AREA: Final = "Area={X=0.3,Y=0.4,W=0.2,H=0.2,Unit=normalized}"
STYLES: Final = {
    "MWG region": (
        [f"-XMP-mwg-rs:RegionInfo={{RegionList=[{{{AREA},Name=Tia Invent,Type=Face}}]}}"],
        TagKind.REGION,
    ),
    "Microsoft region": (
        [
            "-XMP-MP:RegionInfoMP={Regions=[{PersonDisplayName=Tia Invent,"
            "Rectangle=0.2\\, 0.3\\, 0.2\\, 0.2}]}".replace("\\,", "|,")
        ],
        TagKind.REGION,
    ),
    "PersonInImage": (["-XMP-iptcExt:PersonInImage=Tia Invent"], TagKind.PERSON_IN_IMAGE),
    "PersonInImage with details": (
        ["-XMP-iptcExt:PersonInImageWDetails={PersonName=Tia Invent}"],
        TagKind.PERSON_IN_IMAGE,
    ),
    "dc:subject": (["-XMP-dc:Subject=Tia Invent"], TagKind.KEYWORD),
    "hierarchy of Lightroom": (
        ["-XMP-lr:HierarchicalSubject=People|3B|Tia Invent"],
        TagKind.HIERARCHY,
    ),
    "hierarchy outside a root": (
        ["-XMP-lr:HierarchicalSubject=Places|Tia Invent"],
        TagKind.KEYWORD,
    ),
    "digiKam": (["-XMP-digiKam:TagsList=people/Tia Invent"], TagKind.HIERARCHY),
    "Microsoft keyword": (["-XMP-microsoft:LastKeywordXMP=Pupils/Tia Invent"], TagKind.HIERARCHY),
}
FORMS: Final = ("JPEG", "PNG", "TIFF", "WEBP", "AVIF", "HEIF")


@pytest.fixture(scope="module")
def child() -> Child:
    with Child() as one:
        yield one


def blank(form: str, folder: Path) -> Path:
    path = folder / f"a.{ {'JPEG': 'jpg', 'TIFF': 'tif', 'HEIF': 'heic'}.get(form, form.lower()) }"
    if form == "HEIF":
        path.write_bytes(encoded_heic())
    else:
        drawn().save(path, form)
    return path


def written(path: Path, *words: str) -> bytes:
    """Return a file after exiftool has written into it."""
    if EXIFTOOL is None:
        pytest.skip("exiftool is not installed")
    charset = ["-charset", "iptc=UTF8"]
    subprocess.run(
        [EXIFTOOL, "-q", "-q", "-overwrite_original", *charset, *words, path], check=True
    )
    return path.read_bytes()


def people(file: bytes, child: Child, roots: Sequence[str] = ROOTS) -> tuple[PersonTag, ...]:
    return inspect(BytesIO(file), child, roots).facts.people


def kinds(tags: Sequence[PersonTag], name: str | None = "Tia Invent") -> set[TagKind]:
    return {tag.kind for tag in tags if tag.name == name}


@pytest.mark.parametrize("style", STYLES)
def test_a_name_is_read_in_each_style(style: str, tmp_path: Path, child: Child) -> None:
    words, kind = STYLES[style]
    assert kinds(people(written(blank("JPEG", tmp_path), *words), child)) == {kind}


@pytest.mark.parametrize("form", FORMS)
def test_a_name_is_read_in_each_container(form: str, tmp_path: Path, child: Child) -> None:
    words = [word for style in ("MWG region", "PersonInImage") for word in STYLES[style][0]]
    found = people(written(blank(form, tmp_path), *words), child)
    assert kinds(found) == {TagKind.REGION, TagKind.PERSON_IN_IMAGE}


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_keywords_of_iptc_and_of_windows_are_read(form: str, tmp_path: Path, child: Child) -> None:
    words = ["-IPTC:Keywords=Tia Invent", "-IPTC:CodedCharacterSet=UTF8", "-XPKeywords=Bo Madeup"]
    found = people(written(blank(form, tmp_path), *words), child)
    assert [kinds(found, name) for name in ("Tia Invent", "Bo Madeup")] == [{TagKind.KEYWORD}] * 2


def test_keywords_of_iptc_in_latin_are_read(tmp_path: Path, child: Child) -> None:
    path = blank("JPEG", tmp_path)
    written(path, "-IPTC:Keywords=Zoë Lindqvist")  # warms up: exiftool must be there
    words = ["-charset", "iptc=Latin", "-IPTC:Keywords=Zoë Lindqvist"]
    assert EXIFTOOL is not None
    subprocess.run([EXIFTOOL, "-q", "-overwrite_original", *words, path], check=True)
    assert b"Zo\xeb" in path.read_bytes()
    assert kinds(people(path.read_bytes(), child), "Zoë Lindqvist") == {TagKind.KEYWORD}


def test_the_compact_form_of_lightroom_is_read(tmp_path: Path, child: Child) -> None:
    compact = ["-api", "Compact=Shorthand", *STYLES["MWG region"][0], *STYLES["PersonInImage"][0]]
    file = written(blank("JPEG", tmp_path), *compact, "-XMP-aux:SerialNumber=SN-7")
    assert b"mwg-rs:Name='Tia Invent'" in file.replace(b'"', b"'")
    facts = inspect(BytesIO(file), child).facts
    assert kinds(facts.people) == {TagKind.REGION, TagKind.PERSON_IN_IMAGE}


def test_a_sidecar_names_people_and_proves_no_device(tmp_path: Path, child: Child) -> None:
    words = [word for style in STYLES.values() for word in style[0]]
    notes = written(tmp_path / "a.xmp", *words, "-XMP-tiff:Model=Canon")
    assert kinds(people_in_notes([notes], child, ROOTS)) == {
        TagKind.REGION,
        TagKind.PERSON_IN_IMAGE,
        TagKind.HIERARCHY,
        TagKind.KEYWORD,
    }


@pytest.mark.parametrize("notes", [b"", b"<x>", b"\x00" * 40, b"x" * ((1 << 20) + 1)])
def test_a_sidecar_that_cannot_be_read_is_no_sidecar_without_names(
    notes: bytes, child: Child
) -> None:
    with pytest.raises((Malformed, TooBig)):
        people_in_notes([b"<x/>", notes], child)


def test_trap_areas_have_their_centre_and_rectangles_their_corner(
    tmp_path: Path, child: Child
) -> None:
    words = [*STYLES["MWG region"][0], *STYLES["Microsoft region"][0]]
    (tag,) = people(written(blank("JPEG", tmp_path), *words), child)
    assert tag.box == pytest.approx((0.2, 0.3, 0.2, 0.2))


def test_trap_the_space_of_microsoft_has_a_slash_or_none(tmp_path: Path, child: Child) -> None:
    file = written(blank("JPEG", tmp_path), *STYLES["Microsoft keyword"][0])
    space = b"http://ns.microsoft.com/photo/1.0"
    assert (space + b"/" in file) != (space + b"'" in file or space + b'"' in file)
    assert kinds(people(file, child)) == {TagKind.HIERARCHY}


def test_trap_a_face_without_a_name_counts_as_a_face(tmp_path: Path, child: Child) -> None:
    region = f"-XMP-mwg-rs:RegionInfo={{RegionList=[{{{AREA},Type=Face}}]}}"
    (tag,) = people(written(blank("JPEG", tmp_path), region), child)
    assert (tag.kind, tag.name) == (TagKind.REGION, None)


@pytest.mark.parametrize("kind", ["Pet", "Focus", "BarCode"])
def test_trap_pets_focus_points_and_bar_codes_are_nobody(
    kind: str, tmp_path: Path, child: Child
) -> None:
    region = f"-XMP-mwg-rs:RegionInfo={{RegionList=[{{{AREA},Name=Tia Invent,Type={kind}}}]}}"
    assert people(written(blank("JPEG", tmp_path), region), child) == ()


def test_trap_digikam_writes_one_person_into_five_homes(tmp_path: Path, child: Child) -> None:
    words = [
        word
        for style in ("MWG region", "Microsoft region", "hierarchy of Lightroom", "digiKam")
        for word in STYLES[style][0]
    ]
    found = people(written(blank("JPEG", tmp_path), *words, "-XMP-dc:Subject=Tia Invent"), child)
    assert len([tag for tag in found if tag.kind is TagKind.REGION]) == 1
    assert kinds(found) == {TagKind.REGION, TagKind.HIERARCHY, TagKind.KEYWORD}


def test_trap_a_leaf_names_a_person_only_below_a_root(tmp_path: Path, child: Child) -> None:
    words = ["-XMP-lr:HierarchicalSubject=Events|Sports day", "-XMP-dc:Subject=People"]
    found = people(written(blank("JPEG", tmp_path), *words), child)
    assert {tag.kind for tag in found} == {TagKind.KEYWORD}


def test_trap_a_name_that_iptc_has_cut_is_known_to_be_cut(tmp_path: Path, child: Child) -> None:
    name = "Maximiliana Theodora Alexandrina Wilhelmina de la Quintessence-Invent"
    file = written(blank("JPEG", tmp_path), f"-IPTC:Keywords={name}")
    (tag,) = people(file, child)
    assert (tag.kind, tag.name) == (TagKind.CUT, name.encode()[:64].decode())


def test_trap_a_cut_through_a_letter_is_a_cut_too(tmp_path: Path, child: Child) -> None:
    name = "x" * 63 + "ë" + "y" * 9
    words = ["-IPTC:CodedCharacterSet=UTF8", f"-IPTC:Keywords={name}"]
    (tag,) = people(written(blank("JPEG", tmp_path), *words), child)
    assert (tag.kind, (tag.name or "")[:63]) == (TagKind.CUT, "x" * 63)
    (tag,) = people(written(blank("JPEG", tmp_path), *words, f"-XMP-dc:Subject={name}"), child)
    assert (tag.kind, tag.name) == (TagKind.KEYWORD, name)


def test_trap_a_cut_name_matters_no_more_where_the_whole_stands_beside_it(
    tmp_path: Path, child: Child
) -> None:
    name = "Maximiliana Theodora Alexandrina Wilhelmina de la Quintessence-Invent"
    words = [f"-IPTC:Keywords={name}", f"-XMP-dc:Subject={name}"]
    (tag,) = people(written(blank("JPEG", tmp_path), *words), child)
    assert (tag.kind, tag.name) == (TagKind.KEYWORD, name)


def test_trap_xmp_that_jpeg_splits_is_put_together(tmp_path: Path, child: Child) -> None:
    file = written(blank("JPEG", tmp_path), *_much(tmp_path), *STYLES["MWG region"][0])
    assert b"http://ns.adobe.com/xmp/extension/\0" in file
    assert kinds(people(file, child)) == {TagKind.REGION}


def test_trap_a_split_xmp_of_which_a_part_is_missing_is_not_read(
    tmp_path: Path, child: Child
) -> None:
    file = written(blank("JPEG", tmp_path), *_much(tmp_path), *STYLES["MWG region"][0])
    for spoilt in (
        _without_extension(file, 0),
        _without_extension(file, 1),
        _without_extension(file),
    ):
        assert spoilt != file
        with pytest.raises(MediaError):
            people(spoilt, child)


def _much(folder: Path) -> list[str]:
    """Return words that make exiftool write more XMP than one segment of a JPEG can hold, twice."""
    (folder / "much.txt").write_text("long " * 30_000)
    return [f"-XMP-dc:Description<={folder / 'much.txt'}"]


def _without_extension(file: bytes, only: int | None = None) -> bytes:
    """Return a JPEG without its extension segments, or without one of them."""
    mark, at, number = b"http://ns.adobe.com/xmp/extension/\0", 0, 0
    while (found := file.find(mark, at)) >= 0:
        start, length = found - 4, int.from_bytes(file[found - 2 : found], "big")
        if only is None or number == only:
            file = file[:start] + file[start + 2 + length :]
        else:
            at = start + 2 + length
        number += 1
    return file


def test_trap_regions_that_were_not_turned_with_the_pixels(tmp_path: Path, child: Child) -> None:
    path = tmp_path / "a.jpg"
    Image.new("RGB", (80, 40)).save(path)
    region = (
        "-XMP-mwg-rs:RegionInfo={AppliedToDimensions={W=40,H=40,Unit=pixel},"
        f"RegionList=[{{{AREA},Name=Tia Invent,Type=Face}}]}}"
    )
    (tag,) = people(written(path, region), child)
    assert (tag.name, tag.box) == ("Tia Invent", None)


def test_trap_an_entity_bomb_is_refused(tmp_path: Path, child: Child) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
    path = blank("PNG", tmp_path)
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415 - one use

    text = PngInfo()
    text.add_itxt("XML:com.adobe.xmp", bomb)
    drawn().save(path, "PNG", pnginfo=text)
    with pytest.raises(Malformed):
        people(path.read_bytes(), child)
    with pytest.raises(Malformed):
        people_in_notes([bomb.encode()], child)


def test_more_names_than_can_be_read_are_a_refusal(tmp_path: Path, child: Child) -> None:
    names = [f"-XMP-dc:Subject=Name {number}" for number in range(MAX_PEOPLE + 1)]
    file = written(blank("PNG", tmp_path), *names)
    assert survey(BytesIO(file)).walked.width > 0
    with pytest.raises(TooBig):
        people(file, child)
