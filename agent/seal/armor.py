# SPDX-License-Identifier: Apache-2.0
"""Text armour for small age files such as identity files (age specification, "ASCII armor").

Strict PEM (RFC 7468): 64 columns, canonical base64, nothing but white space outside the markers.
"""

import base64
import binascii
import re
from typing import Final

from agent.seal.errors import ArmorInvalid

_BEGIN: Final = b"-----BEGIN AGE ENCRYPTED FILE-----"
_END: Final = b"-----END AGE ENCRYPTED FILE-----"
_COLUMNS: Final = 64
_LINE: Final = re.compile(rb"[A-Za-z0-9+/]+={0,2}")


def is_armored(data: bytes) -> bool:
    """Tell whether this looks like an armoured file."""
    return data.lstrip(b" \t\r\n").startswith(_BEGIN[:11])


def enarmor(data: bytes) -> bytes:
    """Return the armoured text of an age file."""
    text = base64.b64encode(data)
    lines = [text[i : i + _COLUMNS] for i in range(0, len(text), _COLUMNS)]
    return b"\n".join((_BEGIN, *lines, _END)) + b"\n"


def dearmor(text: bytes) -> bytes:
    """Return the age file inside an armoured text.

    Raises:
        ArmorInvalid: it is not exactly as the specification says.
    """
    lines = text.replace(b"\r\n", b"\n").strip(b" \t\r\n").split(b"\n")
    if len(lines) < 2 or lines[0] != _BEGIN or lines[-1] != _END:  # noqa: PLR2004 - begin and end
        raise ArmorInvalid("the armour does not begin and end as it must")
    inner = lines[1:-1]
    if any(len(line) != _COLUMNS for line in inner[:-1]) or not all(map(_LINE.fullmatch, inner)):
        raise ArmorInvalid("the armour has a malformed line")
    joined = b"".join(inner)
    if inner and len(inner[-1]) > _COLUMNS:
        raise ArmorInvalid("the armour has a line of the wrong length")
    try:
        data = base64.b64decode(joined, validate=True)
    except binascii.Error as error:
        raise ArmorInvalid("the armour holds something else than base64") from error
    if base64.b64encode(data) != joined:
        raise ArmorInvalid("the armour holds base64 that is not canonical")
    return data
