# SPDX-License-Identifier: Apache-2.0
"""The two text encodings of age, strictly: base64 without padding, and Bech32.

Both decoders refuse every text that the encoder would not have written, so no value has two
spellings; only a Bech32 text may stand wholly in upper or wholly in lower case (age specification;
RFC 4648 section 3.5; BIP 173, without its length limit).
"""

import base64
import binascii
import re
from collections.abc import Iterable
from typing import Final

from agent.seal.errors import KeyInvalid

_BASE64: Final = re.compile(rb"[A-Za-z0-9+/]*")
_LETTERS: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_LETTERS: Final = 6


def encode_base64(data: bytes) -> bytes:
    """Return standard base64 without padding."""
    return base64.b64encode(data).rstrip(b"=")


def decode_base64(text: bytes) -> bytes:
    """Decode standard base64 without padding.

    Raises:
        ValueError: the text is not exactly what the encoder writes.
    """
    if not _BASE64.fullmatch(text):
        raise ValueError("a character outside the base64 alphabet")
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("an impossible base64 length") from error
    if encode_base64(data) != text:
        raise ValueError("base64 with stray bits")
    return data


def encode_bech32(prefix: str, data: bytes) -> str:
    """Return the Bech32 text of some bytes, lower case.

    Raises:
        ValueError: the prefix is empty or not lower case.
    """
    if not prefix or prefix != prefix.lower():
        raise ValueError("a Bech32 prefix is lower case here")
    values = _regroup(data, 8, 5, pad=True)
    checksum = _polymod((*_expanded(prefix), *values, 0, 0, 0, 0, 0, 0)) ^ 1
    values += [checksum >> 5 * (5 - i) & 31 for i in range(_CHECKSUM_LETTERS)]
    return f"{prefix}1{''.join(_LETTERS[value] for value in values)}"


def decode_bech32(text: str, prefix: str) -> bytes:
    """Decode a Bech32 text with this (lower case) prefix; upper case texts are read as well.

    Raises:
        KeyInvalid: another prefix, mixed case, a wrong letter, checksum or padding.
    """
    # Outside ASCII there are letters that turn into ours when their case changes (U+212A, a "K").
    if not text.isascii() or text not in (text.lower(), text.upper()):
        raise KeyInvalid("a key in mixed case, or with letters that no key has")
    found, separator, rest = text.lower().rpartition("1")
    if not separator or found != prefix or len(rest) < _CHECKSUM_LETTERS:
        raise KeyInvalid(f"not a key that starts with {prefix}1")
    values = [_LETTERS.find(letter) for letter in rest]
    if -1 in values or _polymod((*_expanded(prefix), *values)) != 1:
        raise KeyInvalid(f"a mistyped key (prefix {prefix})")
    try:
        return bytes(_regroup(values[:-_CHECKSUM_LETTERS], 5, 8, pad=False))
    except ValueError as error:
        raise KeyInvalid(f"a key with stray bits (prefix {prefix})") from error


def _polymod(values: Iterable[int]) -> int:
    """Return the Bech32 checksum state after some values (BIP 173)."""
    state = 1
    for value in values:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            state ^= generator if top >> bit & 1 else 0
    return state


def _expanded(prefix: str) -> list[int]:
    return [*(ord(c) >> 5 for c in prefix), 0, *(ord(c) & 31 for c in prefix)]


def _regroup(values: Iterable[int], width: int, new_width: int, *, pad: bool) -> list[int]:
    """Regroup bits; without padding, left-over bits must be few and zero."""
    bits = count = 0
    groups: list[int] = []
    for value in values:
        bits = bits << width | value
        count += width
        while count >= new_width:
            count -= new_width
            groups.append(bits >> count)
            bits &= (1 << count) - 1
    if pad and count:
        groups.append(bits << new_width - count)
    elif not pad and (count >= width or bits):
        raise ValueError("left-over bits")
    return groups
