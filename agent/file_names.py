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
    r"|^photo_\d{4}-|^image\d\.jpe?g$|^screenshot|^screen shot|^screen recording",
    re.IGNORECASE,
)
_EDITORS: Final = re.compile(
    r"photoshop|lightroom|gimp|snapseed|picsart|canva|pixelmator|affinity|paint|facetune|vsco"
    r"|instagram|snapchat|whatsapp|facebook|meitu|pixlr|photoscape|capcut|imovie",
    re.IGNORECASE,
)


def number_in(name: str) -> int:
    """Return the number that a camera counted into a file's name; 0 where there is none."""
    found = _NUMBER.search(name)
    return int(found[1]) if found else 0


def suggests_a_messenger(name: str) -> bool:
    """Tell whether messaging apps and screenshots give such names."""
    return _MESSENGERS.search(name) is not None


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
