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


def draw_people(count: int, scene: int = 0, size: tuple[int, int] = SIZE) -> Image.Image:
    """Draw people side by side, with faces that a detector of faces sees; each scene is another."""
    width, height = size
    picture = Image.linear_gradient("L").rotate(90 * (scene % 4)).resize(size).convert("RGB")
    pen = ImageDraw.Draw(picture)
    for number in range(12):
        left = (257 * number + 131 * scene) % width
        top = (149 * number + 83 * scene * number) % height
        box = (left, top, left + width // 7, top + height // 5)
        pen.rectangle(box, fill=_COLOURS[(number * scene + number) % 6])
    for number in range(count):
        centre = (width * (2 * number + 1) // (2 * count), height // 2)
        _person(pen, centre, _COLOURS[(number + scene) % 6])
    return picture


def _person(pen: ImageDraw.ImageDraw, centre: tuple[int, int], colour: str) -> None:
    """Draw shoulders, hair and a face of 40 pixels from chin to hair."""

    def oval(across: float, down: float, wide: float, high: float, fill: str) -> None:
        x, y = centre[0] + across, centre[1] + down
        pen.ellipse((x - wide, y - high, x + wide, y + high), fill=fill)

    x, y = centre
    pen.rectangle((x - 60, y - 60, x + 60, y + 26), fill="#9fb3b8")
    pen.rounded_rectangle((x - 32, y + 26, x + 32, y + 160), 12, fill=colour)
    oval(0, -5, 18.4, 22, "#4a2f1d")
    pen.rectangle((x - 6, y + 12, x + 6, y + 30), fill="#d3a27c")
    oval(0, 0, 14.8, 20, "#e8b890")
    pen.pieslice((x - 15.7, y - 22.4, x + 15.7, y + 8), 190, 350, fill="#4a2f1d")
    for side in (-6.2, 6.2):
        oval(side, -2.4, 3, 1.4, "white")
        oval(side, -2.4, 1.3, 1.6, "#2b1a10")
        pen.line((x + side - 3.6, y - 6.4, x + side + 3.6, y - 6.4), fill="#3a2416")
    pen.line((x, y - 1, x - 1.5, y + 5.6, x + 1.5, y + 6), fill="#b98560")
    oval(0, 10.4, 4.7, 1.6, "#b5544b")


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
    drawn: Image.Image | None = None,
) -> bytes:
    """Return a JPEG as a camera writes it; each face is a region with a name or without."""
    picture = drawn or draw(scene, size)
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
