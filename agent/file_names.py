# SPDX-License-Identifier: Apache-2.0
"""What a file's name and the program that wrote it give away; hints that only ever object.

Boundary: text in, plain answers out. Names prove nothing, so nothing here lets a picture pass.
"""

import re
from datetime import datetime
from typing import Final

_NUMBER: Final = re.compile(r"(\d{3,8})(?: ?\(\d+\))?\.[^.]*$")
_MESSENGERS: Final = re.compile(
    r"-wa\d{4}\b|^whatsapp |^fb_img_|^received_\d|^signal-\d|^snapchat|^telegram|^viber"
    r"|^photo_\d{4}-|^image\d{1,3}\.jpe?g$|^messenger_|^instagram|^line_\d|^wechat|^mmexport\d",
    re.IGNORECASE,
)
"""Names that messaging apps give: WhatsApp, Facebook, Signal, Snapchat, Telegram, Viber, e-mail on
an iPhone (`image0.jpeg`), Instagram, LINE, WeChat."""
_PHONES: Final = re.compile(
    r"^pxl_\d{8}_|^mvimg_\d{8}|^(?:img|vid|pano|burst)_?\d{8}[_-]\d{6}|^\d{8}_\d{6}"
    r"|^snapchat-|^c360_|^b612_|^p_?\d{8}_\d{6}",
    re.IGNORECASE,
)
"""Names that telephones give: Pixel, Samsung and most others with Android."""
_SCREENS: Final = re.compile(
    r"^screen ?shot|^screen[ _]?record|^simulator screen"
    r"|^bildschirmfoto|^scr_?\d{8}",
    re.IGNORECASE,
)
_EDITS: Final = re.compile(
    r"[-_ ](?:edited|edit|cropped|retouched|bearbeitet)(?: ?\(\d+\))?\.[^.]*$|.{7}~\d+\.[^.]*$"
    r"|[-_](?:effects|collage|animation)\.[^.]*$",
    re.IGNORECASE,
)
"""Names that programs give to an edited copy: Google Photos, Samsung, Snapseed and others."""
_EDITORS: Final = re.compile(
    r"photoshop|lightroom|gimp|snapseed|picsart|canva|pixelmator|affinity|paint|facetune|vsco"
    r"|instagram|snapchat|whatsapp|facebook|meitu|pixlr|photoscape|capcut|imovie|darktable"
    r"|fireworks|premiere|final cut|davinci"
    r"|rawtherapee|capture one|acdsee|picasa|luminar|google photos|fotor|befunky|irfanview"
    r"|imagemagick|photodirector|dxo|aperture|microsoft (?:office|windows photo)"
    r"|windows photo|picmonkey|youcam|airbrush|remini|firefly|dall|midjourney|stable diffusion",
    re.IGNORECASE,
)


def number_in(name: str) -> int:
    """Return the number that a camera counted into a file's name; 0 where there is none."""
    found = _NUMBER.search(name)
    return int(found[1]) if found else 0


def suggests_a_messenger(name: str) -> bool:
    """Tell whether messaging apps give such names."""
    return _MESSENGERS.search(name) is not None


def suggests_a_phone(name: str) -> bool:
    """Tell whether telephones give such names; tablets of the same makers do too."""
    return _PHONES.search(name) is not None


def suggests_a_screen(name: str) -> bool:
    """Tell whether systems give such names to pictures and recordings of their screen."""
    return _SCREENS.search(name) is not None


def suggests_an_edit(name: str) -> bool:
    """Tell whether programs give such names to a copy that somebody has changed."""
    return _EDITS.search(name) is not None


def is_an_editor(software: str) -> bool:
    """Tell whether the program that wrote a file is one that people edit pictures with."""
    return _EDITORS.search(software) is not None


def camera_time(captured_at: str | None) -> tuple[datetime, str] | None:
    """Return a camera's own time without a zone, and its offset as it wrote it; None without."""
    try:
        taken = datetime.fromisoformat(captured_at or "")
    except ValueError:
        return None
    offset = "" if taken.tzinfo is None else taken.strftime("%z")
    return taken.replace(tzinfo=None), offset
