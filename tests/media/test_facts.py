# SPDX-License-Identifier: Apache-2.0
"""What a file says of its device and of people is read, wherever it says so; nothing is made up."""

import struct
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.media.device_facts import read_facts
from agent.media.errors import Malformed
from agent.media.facts import (
    MAX_PEOPLE,
    MAX_TEXT,
    MediaFacts,
    PersonTag,
    TagKind,
    cleaned_text,
    from_untrusted,
    to_plain,
)
from agent.media.model import Metadata
from agent.media.person_tags import people_in_iptc, people_in_xmp, people_in_xp_keywords

ASCII, SHORT, LONG, BYTES = 2, 3, 4, 1
SPACES: Final = " ".join(
    f'xmlns:{name}="{address}"'
    for name, address in {
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
        "stArea": "http://ns.adobe.com/xmp/sType/Area#",
        "MP": "http://ns.microsoft.com/photo/1.2/",
        "MPRI": "http://ns.microsoft.com/photo/1.2/t/RegionInfo#",
        "MPReg": "http://ns.microsoft.com/photo/1.2/t/Region#",
        "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
        "dc": "http://purl.org/dc/elements/1.1/",
        "lr": "http://ns.adobe.com/lightroom/1.0/",
        "digiKam": "http://www.digikam.org/ns/1.0/",
        "aux": "http://ns.adobe.com/exif/1.0/aux/",
        "tiff": "http://ns.adobe.com/tiff/1.0/",
    }.items()
)

Entry = tuple[int, int, bytes]


def text(tag: int, value: str) -> Entry:
    return tag, ASCII, value.encode() + b"\0"


def directory(entries: list[Entry], at: int, following: int = 0) -> bytes:
    """Return a TIFF directory that stands at an offset, with its long values behind it."""
    rows, values = b"", b""
    start = at + 2 + 12 * len(entries) + 4
    for tag, kind, value in sorted(entries):
        count = len(value) // {ASCII: 1, BYTES: 1, SHORT: 2, LONG: 4}[kind]
        if len(value) > 4:
            place, values = struct.pack(">I", start + len(values)), values + value
        else:
            place = value.ljust(4, b"\0")
        rows += struct.pack(">HHI", tag, kind, count) + place
    return struct.pack(">H", len(entries)) + rows + struct.pack(">I", following) + values


def exif(first: list[Entry], camera: list[Entry] | None = None) -> bytes:
    """Return a TIFF block with a first directory and an Exif directory."""
    pointer = (0x8769, LONG, bytes(4))
    length = len(directory([*first, pointer], 8))
    pointer = (0x8769, LONG, struct.pack(">I", 8 + length))
    body = directory([*first, pointer], 8) + directory(camera or [], 8 + length)
    return b"MM\0*\0\0\0\x08" + body


def xmp(inside: str, attributes: str = "") -> bytes:
    return (
        f'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {SPACES}>'
        f"<rdf:Description {attributes}>{inside}</rdf:Description></rdf:RDF></x:xmpmeta>"
        '<?xpacket end="w"?>'
    ).encode()


def of_exif(block: bytes) -> MediaFacts:
    return read_facts(Metadata(untrusted_exif=block))


def of_xmp(*packets: bytes) -> MediaFacts:
    return read_facts(Metadata(untrusted_xmp=packets))


CAMERA: Final = exif(
    [text(0x010F, "Inventa"), text(0x0110, "Alpha 1"), text(0x0131, "Firmware 2")],
    [
        text(0x9003, "2031:05:04 10:20:30"),
        text(0x9011, "+02:00"),
        text(0xA431, "SN-0042"),
        text(0xA435, "LENS-7"),
    ],
)


def test_make_model_and_software_are_read_from_exif() -> None:
    facts = of_exif(CAMERA)
    assert (facts.make, facts.model, facts.software) == ("Inventa", "Alpha 1", "Firmware 2")


def test_the_serial_of_the_body_is_read_and_that_of_the_lens_is_not() -> None:
    assert of_exif(CAMERA).serials == ("SN-0042",)


def test_the_capture_time_has_the_offset_of_the_camera() -> None:
    assert of_exif(CAMERA).captured_at == "2031-05-04T10:20:30+02:00"


def test_without_an_offset_none_is_made_up() -> None:
    block = exif([], [text(0x9003, "2031:05:04 10:20:30")])
    assert of_exif(block).captured_at == "2031-05-04T10:20:30"


@pytest.mark.parametrize("offset", ["Z", "+2:00", "02:00", "+02:00 or so"])
def test_an_offset_of_another_form_is_left_out(offset: str) -> None:
    block = exif([], [text(0x9003, "2031:05:04 10:20:30"), text(0x9011, offset)])
    assert of_exif(block).captured_at == "2031-05-04T10:20:30"


@pytest.mark.parametrize("time", ["", "    :  :     :  :  ", "yesterday"])
def test_a_time_of_another_form_is_none(time: str) -> None:
    assert of_exif(exif([], [text(0x9003, time)])).captured_at is None


@pytest.mark.parametrize("serial", ["0", "00000000", "   ", "0 0"])
def test_a_blank_serial_is_none(serial: str) -> None:
    assert of_exif(exif([], [text(0xA431, serial)])).serials == ()


def test_a_broken_block_says_nothing() -> None:
    assert of_exif(b"MM\0*" + b"\xff" * 40) == MediaFacts()


def test_nothing_says_nothing() -> None:
    assert read_facts(Metadata()) == MediaFacts()


def test_a_place_is_noticed_and_not_read() -> None:
    pointer = len(directory([(0x8825, LONG, bytes(4))], 8)) + 8
    first = directory([(0x8825, LONG, struct.pack(">I", pointer))], 8)
    block = b"MM\0*\0\0\0\x08" + first + directory([(1, ASCII, b"N\0")], pointer)
    assert of_exif(block) == MediaFacts(has_gps=True)


@pytest.mark.parametrize(
    "attributes",
    ['aux:SerialNumber="SN-7" tiff:Make="Inventa" tiff:Model="Beta"'],
)
def test_xmp_attributes_say_the_device(attributes: str) -> None:
    facts = of_xmp(xmp("", attributes))
    assert (facts.serials, facts.make, facts.model) == (("SN-7",), "Inventa", "Beta")


def test_xmp_elements_say_the_device() -> None:
    facts = of_xmp(xmp("<aux:SerialNumber>SN-7</aux:SerialNumber><tiff:Make>Inventa</tiff:Make>"))
    assert (facts.serials, facts.make) == (("SN-7",), "Inventa")


def test_labels_of_a_film_say_the_device() -> None:
    labels = (
        ("com.apple.quicktime.make", b"Inventa"),
        ("com.apple.quicktime.model", b"Gamma"),
        ("com.apple.quicktime.creationdate", b"2031-05-04T10:20:30+0200"),
        ("com.apple.quicktime.location.ISO6709", b"+1+2/"),
    )
    facts = read_facts(Metadata(untrusted_labels=labels))
    assert (facts.make, facts.model, facts.has_gps) == ("Inventa", "Gamma", True)
    assert facts.captured_at == "2031-05-04T10:20:30+0200"


REGION: Final = (
    "<mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:RegionList><rdf:Bag>"
    "<rdf:li>{}</rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
)
AREA: Final = "<mwg-rs:Area stArea:x='0.5' stArea:y='0.4' stArea:w='0.2' stArea:h='0.2'/>"
BOX: Final = pytest.approx((0.4, 0.3, 0.2, 0.2))


@pytest.mark.parametrize(
    "fields",
    [
        f"<rdf:Description mwg-rs:Name='Tia Invent' mwg-rs:Type='Face'>{AREA}</rdf:Description>",
        f"<mwg-rs:Name>Tia Invent</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type>{AREA}",
        f"<mwg-rs:Name>Tia Invent</mwg-rs:Name>{AREA}",
    ],
    ids=["attributes", "elements", "without a type"],
)
def test_a_region_names_a_person_in_a_place(fields: str) -> None:
    (tag,) = of_xmp(xmp(REGION.format(fields))).people
    assert (tag.kind, tag.name, tag.box) == (TagKind.REGION, "Tia Invent", BOX)


def test_a_face_without_a_name_is_still_a_person() -> None:
    (tag,) = of_xmp(xmp(REGION.format(f"<mwg-rs:Type>Face</mwg-rs:Type>{AREA}"))).people
    assert (tag.kind, tag.name) == (TagKind.REGION, None)


@pytest.mark.parametrize("kind", ["Pet", "Focus", "BarCode"])
def test_a_region_of_no_person_is_none(kind: str) -> None:
    fields = f"<mwg-rs:Type>{kind}</mwg-rs:Type>{AREA}"
    assert of_xmp(xmp(REGION.format(fields))).people == ()


def test_a_region_of_microsoft_names_a_person() -> None:
    inside = (
        "<MP:RegionInfo><rdf:Description><MPRI:Regions><rdf:Bag><rdf:li>"
        "<rdf:Description MPReg:PersonDisplayName='Bo Madeup' MPReg:Rectangle='0.1,0.2,0.3,0.4'/>"
        "</rdf:li></rdf:Bag></MPRI:Regions></rdf:Description></MP:RegionInfo>"
    )
    (tag,) = of_xmp(xmp(inside)).people
    assert tag == PersonTag(kind=TagKind.REGION, name="Bo Madeup", box=(0.1, 0.2, 0.3, 0.4))


def bag(tag: str, *words: str) -> str:
    items = "".join(f"<rdf:li>{word}</rdf:li>" for word in words)
    return f"<{tag}><rdf:Bag>{items}</rdf:Bag></{tag}>"


def named(tags: tuple[PersonTag, ...] | list[PersonTag], kind: TagKind) -> list[str | None]:
    return [tag.name for tag in tags if tag.kind is kind]


def test_people_in_the_image_are_named() -> None:
    facts = of_xmp(xmp(bag("Iptc4xmpExt:PersonInImage", "Tia Invent", "Bo Madeup")))
    assert named(facts.people, TagKind.PERSON_IN_IMAGE) == ["Tia Invent", "Bo Madeup"]


@pytest.mark.parametrize("home", ["dc:subject", "lr:hierarchicalSubject", "digiKam:TagsList"])
def test_keywords_are_read_from_each_of_their_homes(home: str) -> None:
    assert named(of_xmp(xmp(bag(home, "Tia Invent"))).people, TagKind.KEYWORD) == ["Tia Invent"]


@pytest.mark.parametrize("mark", ["|", "/"])
def test_the_leaf_of_a_hierarchy_is_a_keyword_too(mark: str) -> None:
    word = f"People{mark}Tia Invent"
    found = named(of_xmp(xmp(bag("lr:hierarchicalSubject", word))).people, TagKind.KEYWORD)
    assert found == [word, "Tia Invent"]


def test_every_packet_is_read() -> None:
    facts = of_xmp(xmp(bag("dc:subject", "One")), xmp(bag("dc:subject", "Two")))
    assert named(facts.people, TagKind.KEYWORD) == ["One", "Two"]


def test_a_name_said_twice_is_one_tag() -> None:
    packet = xmp(bag("dc:subject", "One", "One"))
    assert len(of_xmp(packet, packet).people) == 1


def record(number: int, dataset: int, value: bytes) -> bytes:
    return bytes((0x1C, number, dataset)) + struct.pack(">H", len(value)) + value


@pytest.mark.parametrize(
    ("declared", "encoded"),
    [(record(1, 90, b"\x1b%G"), "Åsa".encode()), (b"", "Åsa".encode("latin-1"))],
    ids=["declared as UTF-8", "undeclared Latin"],
)
def test_keywords_of_iptc_are_read_in_their_character_set(declared: bytes, encoded: bytes) -> None:
    records = declared + record(2, 5, b"A title") + record(2, 25, encoded)
    assert named(people_in_iptc(records), TagKind.KEYWORD) == ["Åsa"]


def test_a_declared_character_set_that_is_not_utf8_is_read_as_latin() -> None:
    records = record(1, 90, b"\x1b.A") + record(2, 25, "Åsa".encode("latin-1"))
    assert named(people_in_iptc(records), TagKind.KEYWORD) == ["Åsa"]


@pytest.mark.parametrize(
    ("value", "kind", "name"),
    [
        (b"x" * 60, TagKind.KEYWORD, "x" * 60),
        (b"x" * 61, TagKind.CUT, "x" * 61),
        (b"x" * 64, TagKind.CUT, "x" * 64),
        (b"x" * 65, TagKind.KEYWORD, "x" * 65),
        (b"x" * 63 + "ë".encode()[:1], TagKind.CUT, "x" * 63),
        (b"x" * 62 + "ë".encode("latin-1") + b"x", TagKind.CUT, "x" * 62 + "ëx"),
    ],
)
def test_a_keyword_as_long_as_iptc_allows_may_have_been_cut(
    value: bytes, kind: TagKind, name: str
) -> None:
    assert people_in_iptc(record(2, 25, value)) == [PersonTag(kind=kind, name=name)]


@pytest.mark.parametrize("path", ["People|3B|Tia", "PEOPLE/Tia", " people |Tia", "All|People|Tia"])
def test_what_stands_below_a_root_names_a_person(path: str) -> None:
    packet = xmp(bag("lr:hierarchicalSubject", path))
    roots = frozenset({"people"})
    assert named(people_in_xmp(packet, roots), TagKind.HIERARCHY) == ["Tia"]
    assert named(people_in_xmp(packet), TagKind.HIERARCHY) == []


@pytest.mark.parametrize("path", ["People", "Places|Tia", "Tia|People"])
def test_what_stands_beside_a_root_is_a_word_like_any_other(path: str) -> None:
    packet = xmp(bag("lr:hierarchicalSubject", path))
    assert named(people_in_xmp(packet, frozenset({"people"})), TagKind.HIERARCHY) == []


def test_keywords_of_windows_are_read_however_many_there_are() -> None:
    words = [f"Name {number}" for number in range(200)]
    block = exif([(0x9C9E, BYTES, ";".join(words).encode("utf-16-le"))])
    assert named(of_exif(block).people, TagKind.KEYWORD) == words


@pytest.mark.parametrize("tag", ["dc:subject", "digiKam:TagsList"])
def test_a_keyword_outside_any_bag_is_read(tag: str) -> None:
    packets = (xmp(f"<{tag}>Tia Invent</{tag}>"), xmp("", f'{tag}="Tia Invent"'))
    for packet in packets:
        assert named(of_xmp(packet).people, TagKind.KEYWORD) == ["Tia Invent"]


def test_keywords_of_windows_are_read() -> None:
    value = "Tia Invent;Bo Madeup\0".encode("utf-16-le")
    assert named(people_in_xp_keywords(value), TagKind.KEYWORD) == ["Tia Invent", "Bo Madeup"]


def test_keywords_of_windows_are_found_in_exif() -> None:
    block = exif([(0x9C9E, BYTES, "Tia Invent\0".encode("utf-16-le"))])
    assert named(of_exif(block).people, TagKind.KEYWORD) == ["Tia Invent"]


ENTITIES: Final = (
    b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>',
    b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///invented">]><x>&a;</x>',
    b'<!DOCTYPE x SYSTEM "http://invented.example/x.dtd"><x/>',
)


@pytest.mark.parametrize("packet", [*ENTITIES, b"<x>", b"", b"no XML", b"<x>\xff</x>"])
def test_xmp_that_cannot_be_trusted_is_malformed(packet: bytes) -> None:
    with pytest.raises(Malformed):
        people_in_xmp(packet)


def test_a_thousand_names_are_more_than_the_limit_says() -> None:
    words = [f"Name {i}" for i in range(1000)]
    assert len(of_xmp(xmp(bag("dc:subject", *words))).people) == MAX_PEOPLE + 1


@given(st.binary(max_size=200))
def test_no_iptc_makes_the_reader_fail(hostile: bytes) -> None:
    assert isinstance(people_in_iptc(b"\x1c" + hostile), list)


@given(st.binary(max_size=200))
def test_no_xmp_makes_the_reader_fail_otherwise_than_by_type(hostile: bytes) -> None:
    try:
        assert people_in_xmp(b"<x>" + hostile + b"</x>") == []
    except Malformed:
        return


@given(st.integers(0, len(CAMERA) - 1), st.binary(min_size=1, max_size=6), st.integers(0, 400))
def test_no_exif_makes_the_reader_fail_otherwise_than_by_type(
    at: int, new: bytes, cut: int
) -> None:
    hostile = (CAMERA[:at] + new + CAMERA[at + len(new) :])[: cut or None]
    try:
        facts = of_exif(hostile)
    except Malformed:
        return
    assert from_untrusted(to_plain(facts)) == facts


@given(st.text())
def test_a_cleaned_text_is_short_printable_and_stays_so(untrusted: str) -> None:
    clean = cleaned_text(untrusted)
    assert clean is None or (0 < len(clean) <= MAX_TEXT and cleaned_text(clean) == clean)


TEXTS = st.none() | st.text(min_size=1, max_size=20).map(cleaned_text)
BOXES = st.none() | st.tuples(*[st.floats(-2, 2)] * 4)
TAGS = st.builds(PersonTag, kind=st.sampled_from(TagKind), name=TEXTS, box=BOXES)
FACTS = st.builds(
    MediaFacts,
    make=TEXTS,
    model=TEXTS,
    serials=st.lists(TEXTS.filter(bool), max_size=3).map(tuple),
    captured_at=TEXTS,
    has_gps=st.booleans(),
    people=st.lists(TAGS, max_size=4).map(tuple),
)


@given(FACTS)
def test_facts_cross_the_pipe_unchanged(facts: MediaFacts) -> None:
    assert from_untrusted(to_plain(facts)) == facts
