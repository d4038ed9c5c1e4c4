# SPDX-License-Identifier: Apache-2.0
"""From a folder to a Django that is ready: the settings of one school, its secret, its tables."""

import secrets
from pathlib import Path
from typing import Any

from agent import bootstrap, durable
from agent.core.errors import ConfigurationError
from agent.settings import STATION_FILE, read_station
from service.office import settings as common
from service.office.configuration import DatabaseSettings, read_office
from service.office.house import COOKIE_KEY, DATABASE, OFFICE_FOLDER, House
from service.office.quiet import keep_quiet

_KEY_BYTES = 48


def start(folder: Path) -> House:
    """Configure Django for one school's folder, bring its tables up to date, and return its house.

    Raises:
        ConfigurationError: office.toml, the secret or the database settings cannot be used.
    """
    (folder / OFFICE_FOLDER).mkdir(mode=0o700, exist_ok=True)
    office = read_office(folder)
    zone = read_station(folder).timezone if (folder / STATION_FILE).exists() else "Europe/London"
    made = House(folder=folder, settings=office, clock=bootstrap.clock_in(zone))
    configure(
        HOUSE=made,
        SECRET_KEY=secret_of(folder),
        DATABASES={"default": database_of(folder, office.database)},
        TIME_ZONE=zone,
        CSRF_TRUSTED_ORIGINS=[f"http://localhost:{office.port}"],
    )
    from django.core.management import call_command  # noqa: PLC0415 - after Django is configured

    keep_quiet()
    call_command("migrate", verbosity=0, interactive=False)
    return made


def configure(**own: Any) -> None:  # noqa: ANN401 - settings are of every type
    """Configure Django with the common settings and one school's own."""
    import django  # noqa: PLC0415 - only the office's computer has it
    from django.conf import settings  # noqa: PLC0415 - the same

    shared = {name: getattr(common, name) for name in dir(common) if name.isupper()}
    settings.configure(**(shared | own))
    django.setup()


def secret_of(folder: Path) -> str:
    """Return the secret that signs this console's cookies, made on the first start.

    Raises:
        ConfigurationError: it cannot be read.
    """
    path = folder / COOKIE_KEY
    if not path.exists():
        text = secrets.token_urlsafe(_KEY_BYTES)
        durable.write_new(path, [text.encode("ascii")], private=True)
    try:
        return path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "the console's secret cannot be read",
            code="console.secret",
            remedy="Delete office/console-cookies.key; everybody signs in again.",
        ) from error


def database_of(folder: Path, database: DatabaseSettings) -> dict[str, Any]:
    """Return Django's settings of the database.

    Raises:
        ConfigurationError: the password file cannot be read.
    """
    if database.kind == "sqlite":
        return sqlite_at(folder / DATABASE)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": database.host,
        "PORT": str(database.port) if database.host else "",
        "NAME": database.name,
        "USER": database.user,
        "PASSWORD": _password(folder, database.password_file),
        "CONN_MAX_AGE": 600,
    }


def sqlite_at(path: Path) -> dict[str, Any]:
    """Return Django's settings of a SQLite file: durable, one writer at a time, readers beside."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "PRAGMA foreign_keys=ON;",
        },
    }


def _password(folder: Path, name: str) -> str:
    if not name:
        return ""
    try:
        return (folder / name).read_text("utf-8").splitlines()[0]
    except (OSError, UnicodeDecodeError, IndexError) as error:
        raise ConfigurationError(
            "the file with the database's password cannot be read",
            code="console.database_password",
            remedy="Correct database.password_file in office.toml.",
        ) from error
