# SPDX-License-Identifier: Apache-2.0
"""The only reader of `office.toml`: the console's settings, strict, like those of a station."""

from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent import durable
from agent.core.errors import ConfigurationError
from agent.settings import read_toml

OFFICE_FILE: Final = "office.toml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DatabaseSettings(_Strict):
    """Where the register is kept: one file beside the keys, or a PostgreSQL server."""

    kind: Literal["sqlite", "postgresql"]
    host: str = ""
    port: int = Field(default=5432, ge=1, le=65535)
    name: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,63}$")
    user: str = ""
    password_file: str = ""


class OfficeSettings(_Strict):
    """What `office.toml` says."""

    port: int = Field(ge=1024, le=65535)
    threads: int = Field(ge=2, le=64)
    unlock_minutes: int = Field(ge=1, le=15)
    unlock_most_minutes: int = Field(default=60, ge=5, le=240)
    idle_minutes: int = Field(ge=2, le=60)
    session_hours: int = Field(ge=1, le=12)
    publish_hours: int = Field(ge=1, le=24)
    database: DatabaseSettings


def read_office(folder: Path) -> OfficeSettings:
    """Read a site's `office.toml`.

    Raises:
        ConfigurationError: it is missing or says something that is not allowed.
    """
    settings = read_toml(folder / OFFICE_FILE, OfficeSettings)[0]
    if settings.database.kind == "postgresql" and not settings.database.name:
        raise ConfigurationError(
            f"{OFFICE_FILE}: database.name: it is empty; allowed: the name of a database",
            code="settings.refused",
            remedy=f"Correct database.name in {OFFICE_FILE}; the comments there say what it means.",
        )
    return settings


def write_default(folder: Path) -> None:
    """Write `office.toml` as it ships, unless it is there.

    Raises:
        OSError: the folder cannot be written.
    """
    if not (folder / OFFICE_FILE).exists():
        durable.write_new(
            folder / OFFICE_FILE, [files("config").joinpath(OFFICE_FILE).read_bytes()]
        )
