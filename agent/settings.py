# SPDX-License-Identifier: Apache-2.0
"""The only reader of configuration: `station.toml` and `policy.toml` into frozen settings.

Strict: an unknown key, a wrong type or a missing key stops the start, named with file, key, what
was found and what is allowed. There is no default for anything that protects a child.
"""

import hashlib
import re
import tomllib
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from agent.core.errors import ConfigurationError
from agent.core.model import Policy, Purpose, PurposeId

STATION_FILE: Final = "station.toml"
POLICY_FILE: Final = "policy.toml"
REPORT_FILE: Final = "report.toml"
"""The governors' report's; `service.report.settings` reads it."""
_ID: Final = r"^[a-z2-7]{26}$"
_CODE: Final = r"^[a-z][a-z_]{0,40}$"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("a time zone such as Europe/London") from error
    return name


def _real_day(text: str) -> str:
    month, day = map(int, text.split("-"))
    lengths = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if not (1 <= month <= 12 and 1 <= day <= lengths[month - 1]):  # noqa: PLR2004 - months
        raise ValueError("a day of the year such as 09-01")
    return text


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ImportSettings(_Strict):
    """One import folder; `originals` says whether they go once they are safely stored.

    `device` names the one device whose pictures come here, as its folder in the register does.
    """

    path: str = Field(min_length=1)
    originals: Literal["delete", "keep"]
    device: str = Field(default="", max_length=100)


class VaultSettings(_Strict):
    """The approved storage: its folder and the id in its signed marker."""

    path: str = Field(min_length=1)
    id: str = Field(pattern=_ID)


class KeySettings(_Strict):
    """Public keys only: whom pictures are sealed to, and whose signature counts."""

    office: str = Field(pattern=r"^age1pq1[a-z0-9]+$")
    recovery: str = Field(pattern=r"^age1pq1[a-z0-9]+$")
    office_verifier: str
    station_verifier: str


_ADDRESS: Final = r"^[^@\s,;<>]+@[^@\s,;<>]+$"


class MailSettings(_Strict):
    """The mail server for messages to the office; always encrypted. Files start at the site."""

    host: str = Field(min_length=1, max_length=255)
    port: int = Field(ge=1, le=65535)
    security: Literal["starttls", "tls"]
    sender: str = Field(pattern=_ADDRESS)
    recipients: tuple[Annotated[str, Field(pattern=_ADDRESS)], ...] = Field(
        min_length=1, max_length=20, strict=False
    )
    user: str = ""
    password_file: str = ""
    authority_file: str = ""


class StationSettings(_Strict):
    """What `station.toml` says."""

    school: str = Field(min_length=1, max_length=200)
    station: str = Field(pattern=_ID)
    timezone: Annotated[str, AfterValidator(_known_zone)]
    settle_seconds: float = Field(ge=0, le=3600)
    scan_seconds: float = Field(ge=1, le=3600)
    spool_hours: int = Field(ge=0, le=8760)
    rehearsal: bool
    vault: VaultSettings
    keys: KeySettings
    imports: tuple[ImportSettings, ...] = Field(min_length=1, alias="import", strict=False)
    mail: MailSettings | None = None


class PurposeSettings(_Strict):
    """One purpose."""

    label: str = Field(min_length=1)
    lawful_basis: Literal["consent", "public_task", "legitimate_interests"]


class PolicySettings(_Strict):
    """What `policy.toml` says."""

    base_purpose: str = Field(pattern=_CODE)
    accept_consistent_devices: bool
    count_faces: bool = True
    face_sensitivity: Literal["careful", "normal", "tolerant"] = "normal"
    count_small_faces: bool = True
    small_face_percent: float = Field(default=1.0, ge=0, le=10)
    keyword_roots: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = Field(
        default=(), max_length=32, strict=False
    )
    held_days: int = Field(default=0, ge=0, le=4000)
    register_valid_days: int = Field(ge=1, le=400)
    school_year_starts: Annotated[str, Field(pattern=r"^\d\d-\d\d$"), AfterValidator(_real_day)]
    purposes: dict[Annotated[str, Field(pattern=_CODE)], PurposeSettings] = Field(min_length=1)


Model = TypeVar("Model", bound=BaseModel)


def read_station(site: Path) -> StationSettings:
    """Read a site's `station.toml`.

    Raises:
        ConfigurationError: it is missing or says something that is not allowed.
    """
    return read_toml(site / STATION_FILE, StationSettings)[0]


def read_policy(site: Path) -> tuple[PolicySettings, Policy]:
    """Read a site's `policy.toml`: the settings, and the policy that the core decides on.

    Raises:
        ConfigurationError: it is missing or says something that is not allowed.
    """
    settings, text = read_toml(site / POLICY_FILE, PolicySettings)
    if settings.base_purpose not in settings.purposes:
        raise _refused(POLICY_FILE, "base_purpose", "it is not among the purposes", "a purpose")
    return settings, Policy(
        digest=hashlib.sha256(text).hexdigest(),
        base_purpose=PurposeId(settings.base_purpose),
        purposes={
            PurposeId(code): Purpose(
                id=PurposeId(code), label=purpose.label, lawful_basis=purpose.lawful_basis
            )
            for code, purpose in settings.purposes.items()
        },
        accept_consistent_devices=settings.accept_consistent_devices,
        count_faces=settings.count_faces,
        count_small_faces=settings.count_small_faces,
    )


def resolved(site: Path, path: str) -> Path:
    """Return a configured path; a relative one starts at the site."""
    return (site / Path(path).expanduser()).absolute()


def read_toml(path: Path, model: type[Model]) -> tuple[Model, bytes]:
    """Read a settings file into its model, and return its very bytes with it.

    Raises:
        ConfigurationError: it is missing or says something that is not allowed.
    """
    try:
        text = path.read_bytes()
        return model.model_validate(tomllib.loads(text.decode("utf-8"))), text
    except OSError as error:
        raise ConfigurationError(
            f"{path.name} cannot be read in the site folder",
            code="settings.missing",
            remedy="Give the site with --site DIR or PHOTOWARDEN_SITE, or make one with init.",
        ) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        found = re.sub(r"\s+", " ", repr(first.get("input")))[:60]
        raise _refused(path.name, where, f"found {found}", first["msg"]) from error
    except ValueError as error:
        raise _refused(path.name, "(file)", "it is not TOML in UTF-8", str(error)) from error


def _refused(file: str, key: str, found: str, allowed: str) -> ConfigurationError:
    return ConfigurationError(
        f"{file}: {key}: {found}; allowed: {allowed}",
        code="settings.refused",
        remedy=f"Correct {key} in {file}; the comments there say what it means.",
    )
