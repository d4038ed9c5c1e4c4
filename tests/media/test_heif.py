# SPDX-License-Identifier: Apache-2.0
"""What stays of a HEIF or AVIF picture, what goes, and what is refused."""

import struct
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest

from agent.media.errors import Malformed, MediaError, TooBig, Unsupported
from agent.media.model import Walked
from agent.media.recipe import RecipeReader
from agent.media.verify_heif import verify_heif
from agent.media.walk import heif
from tests.media.heif_files import (
    MAIN,
    SIDE,
    File,
    Item,
    atom,
    auxiliary,
    coded,
    drawing,
    encoded_avif,
    encoded_heic,
    full,
    grid,
    named,
    pixels,
    simple,
    size,
    turn,
)

SECRET = b"Ms Invented of Nowhere School"
ALPHA = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"
GAIN_MAP = b"urn:com:apple:photo:2020:aux:hdrgainmap"
DEPTH = b"urn:mpeg:hevc:2015:auxid:2"


def walked(data: bytes) -> Walked:
    return heif.walk(BytesIO(data))


def cleaned(data: bytes) -> bytes:
    """Return the clean file, which the second reader has confirmed."""
    clean = RecipeReader(walked(data).recipe, BytesIO(data)).read()
    verify_heif(BytesIO(clean))
    return clean


def overlay() -> File:
    recipe = struct.pack(">BB4HHHhhhh", 0, 0, 9, 99, 999, 65535, 100, 90, 0, 0, 30, 20)
    main = Item(b"iovl", recipe, (size(100, 90),), embedded=True)
    return File({3: coded(b"hvc1", 1), 5: coded(b"hvc1", 2), MAIN: main}, [(b"dimg", MAIN, (3, 5))])


def turned_identity() -> File:
    main = Item(b"iden", b"", (size(), turn(1)))
    return File({3: coded(b"hvc1", 1), MAIN: main}, [(b"dimg", MAIN, (3,))])


def in_pieces() -> File:
    return File({MAIN: replace(coded(), pieces=3)})


def in_index() -> File:
    return File({MAIN: replace(coded(), embedded=True)})


PICTURES: dict[str, Callable[[], bytes]] = {
    "HEIC": encoded_heic,
    "HEIC with transparency": lambda: encoded_heic("RGBA"),
    "grey HEIC": lambda: encoded_heic("L"),
    "AVIF": encoded_avif,
    "AVIF with transparency": lambda: encoded_avif("RGBA"),
    "plain": lambda: simple().made(),
    "turned": lambda: simple(b"hvc1", turn(3)).made(),
    "mirrored": lambda: simple(b"hvc1", atom(b"imir", b"\1")).made(),
    "mirrored, then turned": lambda: simple(b"av01", atom(b"imir", b"\0"), turn(1)).made(),
    "cropped": lambda: simple(
        b"hvc1", atom(b"clap", struct.pack(">8i", 30, 1, 20, 1, -17, 1, -22, 1))
    ).made(),
    "grid": lambda: grid().made(),
    "turned grid": lambda: grid(turn(1)).made(),
    "AVIF grid": lambda: grid(kind=b"av01").made(),
    "overlay": lambda: overlay().made(),
    "turned identity": lambda: turned_identity().made(),
    "in pieces": lambda: in_pieces().made(),
    "in the index": lambda: in_index().made(),
    "grid in mdat": lambda: grid_in_store().made(),
    "index last": lambda: replace(grid(), order=("ftyp", "mdat", "meta")).made(),
    "64-bit size": lambda: replace(grid(), store_header="long").made(),
    "open size": lambda: replace(grid(), store_header="open").made(),
    "numbers of four bytes": lambda: replace(grid(), wide=True).made(),
    "oldest locations": lambda: replace(simple(), iloc_version=0).made(),
    "holes": lambda: replace(grid(), hole=SECRET).made(),
}


def grid_in_store() -> File:
    file = grid()
    return replace(file, items={**file.items, MAIN: replace(file.items[MAIN], embedded=False)})


@pytest.fixture(params=list(PICTURES.values()), ids=list(PICTURES))
def picture(request: pytest.FixtureRequest) -> bytes:
    data = request.param()
    assert isinstance(data, bytes)
    return data


def test_the_decoded_pixels_are_the_same(picture: bytes) -> None:
    assert pixels(cleaned(picture)) == pixels(picture)


def test_cleaning_a_clean_file_changes_nothing(picture: bytes) -> None:
    clean = cleaned(picture)
    assert cleaned(clean) == clean


def test_a_clean_file_is_no_larger_than_its_source(picture: bytes) -> None:
    assert len(cleaned(picture)) <= len(picture)


def test_the_size_is_that_before_any_turn() -> None:
    found = walked(grid(turn(1)).made())
    assert (found.width, found.height, found.orientation) == (2 * SIDE, SIDE, 1)


def test_the_same_picture_from_another_device_becomes_the_same_bytes() -> None:
    file = grid()
    renumbered = File(
        {n * 100: replace(i, name=b"Tile") for n, i in file.items.items()},
        [(b"dimg", MAIN * 100, (300, 500))],
        primary=MAIN * 100,
    )
    assert cleaned(renumbered.made()) == cleaned(file.made())


def test_tiles_that_share_their_bytes_are_stored_once() -> None:
    file = grid()
    twice = replace(file, references=[(b"dimg", MAIN, (3, 3))])
    assert pixels(cleaned(twice.made())) == pixels(twice.made())


EXIF = Item(b"Exif", b"\0\0\0\6Exif\0\0MM\0*\0\0\0\x08" + SECRET)
XMP = Item(b"mime", b"<x:xmpmeta>" + SECRET, after_name=b"application/rdf+xml\0")
THUMBNAIL = coded(b"hvc1", 9)


def marked(item: Item, *properties: bytes) -> Item:
    """Return an item whose content ends in a unit with a secret, so that it can be looked for."""
    unit = b"\x4e\1\5" + SECRET
    content = item.content + struct.pack(">I", len(unit)) + unit
    return replace(item, content=content, properties=(*item.properties, *properties))


def udes() -> bytes:
    return full(b"udes", 0, 0, b"en\0", SECRET, b"\0\0\0")


DIRTY: dict[str, Callable[[], File]] = {
    "Exif": lambda: simple().with_item(9, EXIF, (b"cdsc", 9, (MAIN,))),
    "XMP": lambda: simple().with_item(9, XMP, (b"cdsc", 9, (MAIN,))),
    "uri item": lambda: simple().with_item(9, Item(b"uri ", SECRET, after_name=b"urn:x\0")),
    "unknown item": lambda: simple().with_item(9, Item(b"Anna", SECRET)),
    "thumbnail": lambda: simple().with_item(9, marked(THUMBNAIL), (b"thmb", 9, (MAIN,))),
    "another picture": lambda: simple().with_item(9, marked(THUMBNAIL)),
    "depth": lambda: simple().with_item(
        9, marked(coded(), auxiliary(DEPTH)), (b"auxl", 9, (MAIN,))
    ),
    "gain map": lambda: simple().with_item(
        9, marked(coded(), auxiliary(GAIN_MAP)), (b"auxl", 9, (MAIN,))
    ),
    "tone map": lambda: simple().with_item(
        9, Item(b"tmap", SECRET, (size(),)), (b"dimg", 9, (MAIN, MAIN))
    ),
    "transparency of another picture": lambda: (
        simple()
        .with_item(9, marked(coded()))
        .with_item(11, marked(coded(), auxiliary(ALPHA)), (b"auxl", 11, (9,)))
    ),
    "item name": lambda: File({MAIN: replace(coded(), name=SECRET)}),
    "description": lambda: simple(b"hvc1", udes()),
    "unused property": lambda: simple().with_item(9, Item(b"Anna", b"-", (udes(),))),
    "profile": lambda: simple(b"hvc1", atom(b"colr", b"prof", SECRET)),
    "unknown colour": lambda: simple(b"hvc1", atom(b"colr", b"Anna", SECRET)),
    "text in the configuration": lambda: File({MAIN: with_text_in_configuration()}),
    "text between the units": lambda: File({MAIN: marked(coded())}),
    "metadata in AV1": lambda: File({MAIN: av1_with_metadata()}, brand=b"avif"),
    "groups": lambda: replace(simple(), in_index=atom(b"grpl", atom(b"altr", SECRET))),
    "XML": lambda: replace(simple(), in_index=full(b"xml ", 0, 0, SECRET)),
    "box in the index": lambda: replace(simple(), in_index=atom(b"uuid", bytes(16), SECRET)),
    "hole": lambda: replace(simple(), hole=SECRET),
    "free box": lambda: replace(simple(), behind=atom(b"free", SECRET)),
    "sequence": lambda: replace(simple(), behind=atom(b"moov", SECRET)),
    "trailer": lambda: replace(simple(), behind=SECRET),
    "short trailer": lambda: replace(simple(), behind=SECRET[:5]),
}


def with_text_in_configuration() -> Item:
    item = coded()
    configuration = item.properties[0][8:]
    text = b"\x4e\1\5" + SECRET
    more = configuration[:22] + bytes((configuration[22] + 1,)) + configuration[23:]
    more += b"\x27\0\1" + struct.pack(">H", len(text)) + text
    return replace(item, properties=(atom(b"hvcC", more), *item.properties[1:]))


def av1_with_metadata() -> Item:
    item = coded(b"av01")
    metadata = b"\x2a" + bytes((len(SECRET) + 1,)) + b"\x04" + SECRET
    padding = b"\x7a" + bytes((len(SECRET),)) + SECRET
    configuration = atom(b"av1C", item.properties[0][8:] + metadata)
    return replace(
        item,
        content=metadata + item.content + padding,
        properties=(configuration, *item.properties[1:]),
    )


@pytest.fixture(params=list(DIRTY.values()), ids=list(DIRTY))
def dirty(request: pytest.FixtureRequest) -> File:
    file = request.param()
    assert isinstance(file, File)
    return file


def test_nothing_but_the_picture_stays(dirty: File) -> None:
    bare = simple(dirty.items[MAIN].kind)
    assert cleaned(dirty.made()) == cleaned(bare.made())


def test_every_dirty_file_holds_what_must_go(dirty: File) -> None:
    assert SECRET[:5] in dirty.made()


def test_the_name_of_the_handler_goes() -> None:
    data = simple().made()
    assert b"Nobody" in data
    assert b"Nobody" not in cleaned(data)


def test_what_goes_is_named_by_its_type() -> None:
    file = simple().with_item(9, EXIF).with_item(11, Item(b"Anna", SECRET))
    dropped = walked(replace(file, behind=atom(b"free", b"") + b"!").made()).recipe.dropped
    assert dropped == ("free", "Exif", "unknown", "after the end")


def test_transparency_stays() -> None:
    opaque, clear = encoded_heic("RGB"), encoded_heic("RGBA")
    assert pixels(cleaned(clear))[0] == "RGBA"
    assert pixels(cleaned(opaque))[0] == "RGB"


def test_the_subtype_of_transparency_goes() -> None:
    alpha = full(b"auxC", 0, 0, ALPHA + b"\0" + SECRET)
    item = replace(coded(), properties=(*coded().properties, alpha))
    clean = cleaned(simple().with_item(9, item, (b"auxl", 9, (MAIN,))).made())
    assert ALPHA in clean
    assert SECRET not in clean


def test_that_colours_are_premultiplied_stays() -> None:
    alpha = replace(coded(), properties=(*coded().properties, auxiliary(ALPHA)))
    file = simple().with_item(9, alpha, (b"auxl", 9, (MAIN,)), (b"prem", MAIN, (9,)))
    assert b"prem" in named(cleaned(file.made()), b"meta", b"iref")


def test_exif_and_xmp_are_kept_apart_for_the_child() -> None:
    file = simple().with_item(9, EXIF, (b"cdsc", 9, (MAIN,))).with_item(11, XMP)
    metadata = walked(file.made()).metadata
    assert metadata.untrusted_exif == b"MM\0*\0\0\0\x08" + SECRET
    assert metadata.untrusted_xmp == (XMP.content,)


def test_the_exif_of_the_main_picture_comes_before_that_of_another() -> None:
    other = replace(EXIF, content=EXIF.content + b" (thumbnail)")
    file = simple().with_item(9, other).with_item(11, EXIF, (b"cdsc", 11, (MAIN,)))
    assert walked(file.made()).metadata.untrusted_exif == EXIF.content[10:]


def test_the_turn_of_exif_is_ignored() -> None:
    turned = encoded_heic("RGB", 0, exif=b"Exif\0\0" + turning_exif())
    assert walked(turned).orientation == 1


def turning_exif() -> bytes:
    return b"MM\0*\0\0\0\x08\0\1" + struct.pack(">HHIHH", 274, 3, 1, 6, 0) + bytes(4)


def without(name: bytes) -> Item:
    item = coded()
    return replace(item, properties=tuple(p for p in item.properties if p[4:8] != name))


def of_version_one() -> File:
    file = grid()
    main = replace(file.items[MAIN], content=b"\1" + file.items[MAIN].content[1:])
    return replace(file, items={**file.items, MAIN: main})


def of_unknown_shape() -> bytes:
    data = simple().made()
    at = data.index(b"iloc") + 8
    return data[:at] + b"\x33" + data[at + 1 :]


def test_locations_of_an_unknown_shape_are_refused() -> None:
    with pytest.raises(Malformed):
        walked(of_unknown_shape())


REFUSED: dict[str, tuple[Callable[[], File], type[MediaError]]] = {
    "main item missing": (lambda: replace(simple(), primary=99), Malformed),
    "main item unknown": (lambda: File({MAIN: replace(coded(), kind=b"Anna")}), Unsupported),
    "JPEG inside": (lambda: File({MAIN: replace(coded(), kind=b"jpeg")}), Unsupported),
    "protected": (lambda: File({MAIN: replace(coded(), protection=1)}), Unsupported),
    "inside another item": (lambda: File({MAIN: replace(coded(), construction=2)}), Unsupported),
    "in another file": (lambda: File({MAIN: replace(coded(), data_reference=1)}), Unsupported),
    "of open length": (lambda: File({MAIN: replace(coded(), content=b"")}), Unsupported),
    "no handler for pictures": (lambda: replace(simple(), handler=b"mdta"), Malformed),
    "made from itself": (
        lambda: replace(grid(), references=[(b"dimg", MAIN, (3, MAIN))]),
        Malformed,
    ),
    "a tile too few": (lambda: replace(grid(), references=[(b"dimg", MAIN, (3,))]), Malformed),
    "a tile missing": (lambda: replace(grid(), references=[(b"dimg", MAIN, (3, 99))]), Malformed),
    "tiles told twice": (
        lambda: replace(grid(), references=[(b"dimg", MAIN, (3, 5)), (b"dimg", MAIN, (5, 3))]),
        Malformed,
    ),
    "predicted": (
        lambda: replace(grid(), references=[*grid().references, (b"pred", 3, (5,))]),
        Unsupported,
    ),
    "a thumbnail": (lambda: simple().with_item(9, coded(), (b"thmb", MAIN, (9,))), Malformed),
    "no size": (lambda: File({MAIN: without(b"ispe")}), Malformed),
    "two sizes": (lambda: simple(b"hvc1", size(9, 9)), Malformed),
    "no coding": (lambda: File({MAIN: without(b"hvcC")}), Malformed),
    "no pixels": (
        lambda: File(
            {MAIN: replace(without(b"ispe"), properties=(*without(b"ispe").properties, size(0, 9)))}
        ),
        Malformed,
    ),
    "too many pixels": (
        lambda: File(
            {
                MAIN: replace(
                    without(b"ispe"), properties=(*without(b"ispe").properties, size(60000, 60000))
                )
            }
        ),
        TooBig,
    ),
    "two codings": (
        lambda: replace(grid(), items={**grid().items, 3: coded(b"av01")}),
        Unsupported,
    ),
    "essential and unknown": (
        lambda: File(
            {MAIN: replace(simple(b"hvc1", udes()).items[MAIN], essential=frozenset({b"udes"}))}
        ),
        Unsupported,
    ),
    "two indexes": (lambda: replace(simple(), behind=full(b"meta", 0, 0)), Malformed),
    "grid of another version": (of_version_one, Unsupported),
}


@pytest.mark.parametrize(("file", "answer"), list(REFUSED.values()), ids=list(REFUSED))
def test_it_is_refused(file: Callable[[], File], answer: type[MediaError]) -> None:
    with pytest.raises(answer):
        walked(file().made())


def test_a_sequence_without_a_still_is_refused() -> None:
    with pytest.raises(Unsupported):
        walked(atom(b"ftyp", b"msf1", bytes(4)) + atom(b"moov", b""))


def test_every_file_cut_short_is_refused() -> None:
    data = grid().made()
    for length in range(len(data)):
        with pytest.raises(MediaError):
            walked(data[:length])


def test_the_drawing_is_not_symmetrical() -> None:
    picture = drawing()
    turns = {picture.rotate(angle).tobytes() for angle in (0, 90, 180, 270)}
    assert len(turns) == 4
