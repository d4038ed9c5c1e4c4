# SPDX-License-Identifier: Apache-2.0
"""The stations of a school: who gets the register, and whose health and ledger are believed.

Each station makes its own keys. Joining takes two files and two comparisons by eye:

    invitation   office to new station: public keys, vault and policy, signed by the office
    request      new station to office: its id and public keys, signed by the station itself

Whoever carries them could exchange them; so each side shows a fingerprint, and the other side
types it in. What the office lets in stands in the vault, signed by the office.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, TypeVar

from agent.core.canonical import JsonValue, decode, encode

STATIONS: Final = "stations"
"""The folder of enrolled stations in the vault."""
VERIFIER_NAME: Final = "photowarden.station/"

_STATION_FORMAT: Final = "photowarden-station/1"
_INVITATION_FORMAT: Final = "photowarden-invitation/1"
_ID: Final = re.compile(r"[a-z2-7]{26}")
_RECIPIENT: Final = re.compile(r"age1pq1[a-z0-9]{1,4000}")
_VERIFIER: Final = re.compile(r"photowarden\.[a-z2-7/]{1,60}\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{1,100}")
_GROUPS: Final = 6
_GROUP_DIGITS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One station: its opaque id and public keys; a retired one gets nothing any more."""

    id: str
    recipient: str
    verifier: str
    retired: bool = False

    def __post_init__(self) -> None:
        """Refuse what is not an id and two public keys of one station."""
        named = self.verifier.startswith(f"{VERIFIER_NAME}{self.id}+")
        if not (_ID.fullmatch(self.id) and _RECIPIENT.fullmatch(self.recipient) and named):
            raise ValueError("not a station's id and public keys")

    def text(self) -> str:
        """Return the text that is signed."""
        return _text(_STATION_FORMAT, self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What a new station needs of its school; nothing in it is secret."""

    school: str
    timezone: str
    vault: str
    office: str
    recovery: str
    office_verifier: str
    policy: str
    """The text of `policy.toml`."""

    def __post_init__(self) -> None:
        """Refuse what is not a vault's id and the office's public keys."""
        keys = _RECIPIENT.fullmatch(self.office) and _RECIPIENT.fullmatch(self.recovery)
        if not (keys and _ID.fullmatch(self.vault) and _VERIFIER.fullmatch(self.office_verifier)):
            raise ValueError("not a vault's id and the office's public keys")

    def text(self) -> str:
        """Return the text that is signed."""
        return _text(_INVITATION_FORMAT, self)


def parse_station(text: str) -> Station:
    """Return the station of a text.

    Raises:
        ValueError: it is not exactly what `Station.text` writes.
    """
    return _parsed(text, _STATION_FORMAT, Station)


def parse_invitation(text: str) -> Invitation:
    """Return the invitation of a text.

    Raises:
        ValueError: it is not exactly what `Invitation.text` writes.
    """
    return _parsed(text, _INVITATION_FORMAT, Invitation)


def fingerprint(text: str) -> str:
    """Return SHA-256 of a text, modulo 10^30, as 6 groups of 5 digits to read out and compare."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    digits = f"{number % 10 ** (_GROUPS * _GROUP_DIGITS):0{_GROUPS * _GROUP_DIGITS}d}"
    starts = range(0, len(digits), _GROUP_DIGITS)
    return " ".join(digits[start : start + _GROUP_DIGITS] for start in starts)


def same_fingerprint(text: str, typed: str) -> bool:
    """Tell whether somebody typed the fingerprint of a text; spaces and hyphens do not matter."""
    return re.sub(r"[\s-]", "", typed) == fingerprint(text).replace(" ", "")


Kind = TypeVar("Kind", Station, Invitation)


def _text(form: str, value: Station | Invitation) -> str:
    plain: dict[str, JsonValue] = {
        field.name: getattr(value, field.name) for field in fields(value)
    }
    return encode({**plain, "format": form}).decode("utf-8") + "\n"


def _parsed(text: str, form: str, kind: type[Kind]) -> Kind:
    plain = decode(text.removesuffix("\n").encode())
    if not isinstance(plain, Mapping) or plain.get("format") != form:
        raise ValueError(f"not a text of the format {form}")
    values = {name: value for name, value in plain.items() if name != "format"}
    if not all(isinstance(v, bool if n == "retired" else str) for n, v in values.items()):
        raise ValueError("a field of another type")
    try:
        parsed = kind(**values)  # type: ignore[arg-type]  # names and types are checked here
    except TypeError as error:
        raise ValueError("fields that are not those of this format") from error
    if parsed.text() != text:
        raise ValueError("a text that is not written canonically")
    return parsed
