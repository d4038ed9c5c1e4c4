# SPDX-License-Identifier: Apache-2.0
"""Metadata that is too large to read may name people: the file is held, not passed over."""

import io

import pytest
from PIL import Image

from agent.media.child import Child
from agent.media.cleaning import clean, inspect, survey
from agent.media.errors import TooBig
from agent.media.model import Kind
from agent.media.walk import gif, heif, jpeg, movie, png, webp
from tests.fuzz.seeds import seeds_of
from tests.media.movies import box, recording
from tests.media.stills import drawn

XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + b" " * 200 + b"</x:xmpmeta>"
MODULES = {"JPEG": jpeg, "PNG": png, "WEBP": webp, "AVIF": heif}


def with_xmp(form: str) -> io.BytesIO:
    out = io.BytesIO()
    options: dict[str, object] = {"xmp": XMP}
    if form == "PNG":
        from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415 - one use

        text = PngInfo()
        text.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
        options = {"pnginfo": text}
    drawn().save(out, form, **options)
    return out


@pytest.mark.parametrize("form", MODULES)
def test_what_is_too_large_to_read_is_said(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = with_xmp(form)
    assert not survey(source).walked.metadata.unread
    monkeypatch.setattr(MODULES[form], "MAX_METADATA_BYTES", 40)
    assert survey(source).walked.metadata.unread


def test_a_gif_says_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    packet = b"!\xff\x0bXMP DataXMP" + b"\x04<a/>" + b"\0"
    data = seeds_of(Kind.GIF)[0]
    source = io.BytesIO(data[:-1] + packet + b";")
    assert not survey(source).walked.metadata.unread
    monkeypatch.setattr(gif, "MAX_METADATA_BYTES", 2)
    assert survey(source).walked.metadata.unread


def test_a_recording_says_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    packet = box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), XMP)
    source = io.BytesIO(recording(behind=packet))
    assert not survey(source).walked.metadata.unread
    monkeypatch.setattr(movie, "MAX_METADATA_BYTES", len(XMP) - 1)
    assert survey(source).walked.metadata.unread


def test_such_a_file_is_not_inspected_but_can_be_cleaned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = with_xmp("JPEG")
    monkeypatch.setattr(jpeg, "MAX_METADATA_BYTES", 40)
    with Child() as child:
        with pytest.raises(TooBig, match="people may be named"):
            inspect(source, child)
        cleaned = clean(survey(source), source, child).open().read()
    assert XMP not in cleaned
    assert Image.open(io.BytesIO(cleaned)).size == drawn().size


def test_a_small_box_at_the_very_start_holds_no_packet() -> None:
    survey(io.BytesIO(box(b"wide") + recording(brand=None, moved=8)))
