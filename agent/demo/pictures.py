# SPDX-License-Identifier: Apache-2.0
"""Draw the demonstration's pictures: invented scenes with what real cameras hide in their files.

Our own drawings and nothing from outside are decoded here, so Pillow may run in this process.
"""

import io
from typing import Final

from PIL import Image, ImageDraw

from agent.demo.exif_block import CameraSays, exif_block

SIZE: Final = (1600, 1200)
_THUMBNAIL: Final = (160, 120)
_COLOURS: Final = ("#c0392b", "#2471a3", "#1e8449", "#d68910", "#7d3c98", "#117a65")
_XMP: Final = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    'xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" '
    'xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"><mwg-rs:Regions '
    'rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>{regions}</rdf:Bag>'
    "</mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>"
    '<?xpacket end="w"?>'
)
_REGION: Final = (
    '<rdf:li><rdf:Description mwg-rs:Type="Face"{name}><mwg-rs:Area stArea:x="{x:.2f}" '
    'stArea:y="0.50" stArea:w="0.10" stArea:h="0.15" stArea:unit="normalized"/>'
    "</rdf:Description></rdf:li>"
)


def draw(scene: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """Draw a scene of a playground; every number gives another picture."""
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    pen = ImageDraw.Draw(picture)
    width, height = size
    pen.rectangle((0, height * 2 // 3, width, height), fill="#7fb069")
    pen.ellipse((width - 300, 60 + scene * 7 % 90, width - 120, 240), fill="#f4d03f")
    for number in range(3 + scene % 5):
        x = (137 * (number + 1) + 61 * scene) % (width - 160) + 60
        colour = _COLOURS[(number + scene) % len(_COLOURS)]
        _figure(pen, x, height // 2, colour)
    pen.rectangle((40, 40, 40 + 24 * (scene % 12 + 1), 60), fill=_COLOURS[scene % 6])
    return picture


def _figure(pen: ImageDraw.ImageDraw, x: int, y: int, colour: str) -> None:
    """Draw a stick figure."""
    pen.ellipse((x, y, x + 70, y + 70), fill="#f5cba7", outline="#333333", width=4)
    pen.line((x + 35, y + 70, x + 35, y + 200), fill=colour, width=18)
    for reach in (-45, 45):
        pen.line((x + 35, y + 100, x + 35 + reach, y + 150), fill=colour, width=10)
        pen.line((x + 35, y + 200, x + 35 + reach, y + 280), fill="#34495e", width=10)


def camera_jpeg(
    scene: int,
    camera: CameraSays,
    faces: tuple[str | None, ...] = (),
    size: tuple[int, int] = SIZE,
) -> bytes:
    """Return a JPEG as a camera writes it; each face is a region with a name or without."""
    picture = draw(scene, size)
    thumbnail = io.BytesIO()
    picture.resize(_THUMBNAIL).save(thumbnail, "JPEG", quality=70)
    says = CameraSays(
        make=camera.make,
        model=camera.model,
        serial=camera.serial,
        owner=camera.owner,
        taken=camera.taken,
        orientation=camera.orientation,
        place=camera.place,
        thumbnail=thumbnail.getvalue(),
    )
    out = io.BytesIO()
    options = {"xmp": _regions(faces)} if faces else {}
    picture.save(out, "JPEG", quality=88, exif=b"Exif\0\0" + exif_block(says), **options)
    return out.getvalue()


def bare_jpeg(scene: int) -> bytes:
    """Return a JPEG without any metadata, as messages and screenshots leave it."""
    out = io.BytesIO()
    draw(scene).save(out, "JPEG", quality=80)
    return out.getvalue()


def camera_png(scene: int, camera: CameraSays) -> bytes:
    """Return a PNG with an Exif chunk and a text chunk."""
    out = io.BytesIO()
    draw(scene, (800, 600)).save(out, "PNG", exif=b"Exif\0\0" + exif_block(camera))
    return out.getvalue()


def _regions(faces: tuple[str | None, ...]) -> bytes:
    regions = (
        _REGION.format(
            name="" if name is None else f' mwg-rs:Name="{name}"', x=(number + 1) / (len(faces) + 1)
        )
        for number, name in enumerate(faces)
    )
    return _XMP.format(regions="".join(regions)).encode()
