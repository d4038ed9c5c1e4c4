# SPDX-License-Identifier: Apache-2.0
"""Write anew what a sample description says of its coding: those boxes on the list, and no others.

Sources: ISO/IEC 14496-15 section 5.3.3 (avcC), ISO/IEC 14496-14 section 5.6 and 14496-1 section
7.2.6 (esds), the VP codec binding (vpcC), 3GPP TS 26.244 section 6 (damr, d263), ETSI TS 102 366
annex F (dac3, dec3), the Opus binding section 4.3.2 (dOps), the QuickTime file format (wave, chan).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from agent.media.errors import Malformed, TooBig, Unsupported
from agent.media.walk.boxes import Fields, box, children, full_box
from agent.media.walk.heif_properties import WRITERS as PICTURE_WRITERS

Writer = Callable[[bytes, Fields], bytes]

_END: Final = bytes(4)
_SEQUENCE_PARAMETERS: Final = 7
_PICTURE_PARAMETERS: Final = 8
_SEQUENCE_EXTENSION: Final = 13
_PLAIN_AVC_PROFILES: Final = frozenset({66, 77, 88})
_ELEMENTARY_STREAM: Final = 3
_DECODER_CONFIGURATION: Final = 4
_DECODER_SPECIFIC: Final = 5
_SYNC_LAYER: Final = b"\x06\x01\x02"
_MPEG4_VIDEO: Final = 0x20
_START: Final = b"\0\0\1"
_USER_DATA: Final = 0xB2
MAX_SPECIFIC: Final = 1024


def extensions(content: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the boxes behind the fields of a QuickTime structure, which may end in four zeros.

    Raises:
        Malformed: they do not fill it.
    """
    has_end = bytes(content[-4:]) == _END and not _is_filled(content)
    yield from children(content[:-4] if has_end else content)


def rewritten(kind: bytes, content: memoryview) -> bytes:
    """Return a box of a sample description anew; empty where it must go.

    Raises:
        Malformed: the box is shorter than its fields.
        Unsupported: the samples are encrypted, or a coding is not known here.
    """
    if kind == b"sinf":
        raise Unsupported("a recording that is encrypted")
    writer = WRITERS.get(kind)
    return writer(kind, Fields(content)) if writer else b""


def _is_filled(content: memoryview) -> bool:
    try:
        return bool(list(children(content)))
    except Malformed:
        return False


def _exactly(length: int, *blank: slice) -> Writer:
    """Keep so many bytes, some of them as zeros."""

    def write(kind: bytes, fields: Fields) -> bytes:
        content = bytearray(fields.take(length))
        for place in blank:
            content[place] = bytes(len(content[place]))
        return box(kind, bytes(content))

    return write


def _avc(kind: bytes, fields: Fields) -> bytes:
    """Write `avcC` with its parameter sets alone."""
    header = fields.take(5)
    if header[0] != 1:
        raise Malformed("a coding of another version")
    sequence = _parameter_sets(fields, _SEQUENCE_PARAMETERS, 0x1F)
    pictures = _parameter_sets(fields, _PICTURE_PARAMETERS, 0xFF)
    extra = b""
    if header[1] not in _PLAIN_AVC_PROFILES and len(fields.rest()) >= 4:
        formats = bytes(fields.take(3))
        extra = formats + _parameter_sets(fields, _SEQUENCE_EXTENSION, 0xFF)
    return box(kind, header, bytes((0xE0 | sequence[0],)), sequence[1:], pictures, extra)


def _parameter_sets(fields: Fields, kind: int, mask: int) -> bytes:
    """Return a number of parameter sets and the sets, each behind its length."""
    count = fields.number(1) & mask
    sets = [bytes(fields.take(fields.number(2))) for _ in range(count)]
    if not all(one and one[0] & 0x1F == kind for one in sets):
        raise Malformed("a parameter set of another kind")
    return bytes((count,)) + b"".join(len(one).to_bytes(2, "big") + one for one in sets)


def _colour(kind: bytes, fields: Fields) -> bytes:
    """Write `colr`: QuickTime has three code points, without the range."""
    if bytes(fields.rest()[:4]) == b"nclc":
        return box(kind, fields.take(10))
    return PICTURE_WRITERS[kind](kind, fields)


def _vp(kind: bytes, fields: Fields) -> bytes:
    version, _ = fields.version_flags()
    if version != 1:
        raise Unsupported("a VP coding of another version")
    return full_box(kind, 1, 0, fields.take(6), bytes(2))


def _dolby_vision(kind: bytes, fields: Fields) -> bytes:
    content = fields.take(5)
    return box(kind, content[:4], bytes((content[4] & 0xFC,)), bytes(19))


def _elementary_stream(kind: bytes, fields: Fields) -> bytes:
    """Write `esds`: the coding and its own configuration, nothing else that may be said there."""
    fields.version_flags()
    tag, stream = _descriptor(fields)
    if tag != _ELEMENTARY_STREAM:
        raise Malformed("a stream without its descriptor")
    stream.take(2)
    flags = stream.number(1)
    if flags & 0x40:
        raise Unsupported("samples that lie in another file")
    stream.take(2 * (flags >> 7) + 2 * (flags >> 5 & 1))
    tag, coding = _descriptor(stream)
    if tag != _DECODER_CONFIGURATION:
        raise Malformed("a stream without its coding")
    head = bytes(coding.take(13))
    specific = b"".join(_specific(coding, head[0]))
    configuration = _described(_DECODER_CONFIGURATION, head + specific)
    whole = _described(_ELEMENTARY_STREAM, bytes(3) + configuration + _SYNC_LAYER)
    return full_box(kind, 0, 0, whole)


def _specific(coding: Fields, form: int) -> Iterator[bytes]:
    """Yield the first configuration of the decoder; MPEG-4 video loses its user data."""
    while len(coding.rest()):
        tag, content = _descriptor(coding)
        if tag != _DECODER_SPECIFIC:
            continue
        data = bytes(content.rest())
        if len(data) > MAX_SPECIFIC:
            raise TooBig("a configuration of more bytes than the limit")
        yield _described(tag, _without_user_data(data) if form == _MPEG4_VIDEO else data)
        return


def _without_user_data(data: bytes) -> bytes:
    """Cut user data out of a visual object sequence (ISO/IEC 14496-2 section 6.2.2)."""
    first, *others = data.split(_START)
    return _START.join([first, *(one for one in others if one[:1] != bytes((_USER_DATA,)))])


def _descriptor(fields: Fields) -> tuple[int, Fields]:
    """Take a tag and its content; the length is in groups of seven bits, at most four."""
    tag, length = fields.number(1), 0
    for _ in range(4):
        group = fields.number(1)
        length = length << 7 | group & 0x7F
        if not group & 0x80:
            return tag, Fields(fields.take(length))
    raise Malformed("a descriptor whose length has no end")


def _described(tag: int, content: bytes) -> bytes:
    groups = [len(content) & 0x7F]
    while len(content) >> 7 * len(groups):
        groups.insert(0, len(content) >> 7 * len(groups) & 0x7F | 0x80)
    return bytes((tag, *groups)) + content


def _enhanced_ac3(kind: bytes, fields: Fields) -> bytes:
    """Write `dec3`: for each independent stream three bytes, and one more where others depend."""
    head = bytes(fields.take(2))
    streams = []
    for _ in range((head[1] & 7) + 1):
        stream = bytes(fields.take(3))
        depends = stream[2] & 0x1E
        streams.append(stream + bytes(fields.take(1 if depends else 0)))
    joint = bytes(fields.rest()[:2])  # Dolby Atmos says here how many objects there are
    return box(kind, head, *streams, joint if len(joint) == 2 else b"")


def _opus(kind: bytes, fields: Fields) -> bytes:
    head = bytes(fields.take(11))
    table = bytes(fields.take(2 + head[1])) if head[10] else b""
    return box(kind, head, table)


def _channels(kind: bytes, fields: Fields) -> bytes:
    """Write `chan`: a layout and for each channel twenty bytes."""
    fields.version_flags()
    head = fields.take(12)
    count = int.from_bytes(head[8:], "big")
    return full_box(kind, 0, 0, head, fields.take(20 * count))


def _lossless(kind: bytes, fields: Fields) -> bytes:
    fields.version_flags()
    return full_box(kind, 0, 0, fields.take(24))


def _wave(kind: bytes, fields: Fields) -> bytes:
    """Write `wave`, QuickTime's parent of what MP4 has directly in the description."""
    kept = b"".join(
        _IN_WAVE[inner](inner, Fields(content))
        for inner, content in extensions(fields.rest())
        if inner in _IN_WAVE
    )
    return box(kind, kept, box(_END))


_IN_WAVE: Final[Mapping[bytes, Writer]] = {
    b"frma": _exactly(4),
    b"enda": _exactly(2),
    b"mp4a": _exactly(4, slice(0, 4)),
    b"esds": _elementary_stream,
    b"alac": _lossless,
}

WRITERS: Final[Mapping[bytes, Writer]] = {
    **{kind: PICTURE_WRITERS[kind] for kind in (b"hvcC", b"av1C", b"clap", b"pasp")},
    **{kind: PICTURE_WRITERS[kind] for kind in (b"clli", b"mdcv")},
    b"avcC": _avc,
    b"vpcC": _vp,
    b"esds": _elementary_stream,
    b"dvcC": _dolby_vision,
    b"dvvC": _dolby_vision,
    b"d263": _exactly(7, slice(0, 5)),
    b"colr": _colour,
    b"fiel": _exactly(2),
    b"gama": _exactly(4),
    b"damr": _exactly(9, slice(0, 5)),
    b"dac3": _exactly(3),
    b"dec3": _enhanced_ac3,
    b"dOps": _opus,
    b"alac": _lossless,
    b"chan": _channels,
    b"wave": _wave,
}
"""The boxes of a sample description that survive, each with the function that writes it."""
