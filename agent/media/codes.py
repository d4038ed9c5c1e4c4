# SPDX-License-Identifier: Apache-2.0
"""Read the QR codes in a picture, with zxing-cpp. Runs in the child only.

Each picture is read at half size and at full size: half size is surer where it is dark or blurred,
full size where the card is small or far away. Both readings count, so that a second card in the
background is not lost beside a large one.
"""

from collections.abc import Iterator
from typing import Final

import zxingcpp
from PIL import Image

from agent.media.card_texts import of_cards

_SMALLEST: Final = 400
"""Pixels of the long side below which half a picture shows no code that the whole does not."""


def texts_in(picture: Image.Image) -> tuple[str, ...]:
    """Return the texts of class cards that an upright or rolled picture shows.

    Shapes: any size and any mode of Pillow; codes are read in grey.
    """
    grey = picture.convert("L")
    return of_cards(text for size in _sizes(grey) for text in _read(size))


def _sizes(grey: Image.Image) -> Iterator[Image.Image]:
    yield grey
    if max(grey.size) >= _SMALLEST:
        yield grey.reduce(2)


def _read(grey: Image.Image) -> list[str]:
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    return [code.text for code in zxingcpp.read_barcodes(grey, formats=formats)]
