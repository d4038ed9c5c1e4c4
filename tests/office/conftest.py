# SPDX-License-Identifier: Apache-2.0
"""Django for the tests of the console: started once a process, each test in its own transaction.

`office` is what a test asks for: tables with the cast, a house with a clock that the test sets.
`office_site` also has keys and a vault. Nothing of a test is kept.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent import site as layout
from agent.cli.site_commands import first_records
from service.office import configuration, start

POSTGRESQL = os.environ.get("OFFICE_TESTS_POSTGRESQL")
"""The folder with the socket of a server, where these tests are to run on PostgreSQL."""


def database() -> dict[str, Any]:
    """Return the database of the tests."""
    if POSTGRESQL is None:
        return start.sqlite_at(Path("set by the fixture"))
    names = {"HOST": POSTGRESQL, "NAME": "postgres", "USER": "office"}
    return {"ENGINE": "django.db.backends.postgresql", **names}


start.configure(  # before any test module imports a model
    SECRET_KEY="of the tests",  # noqa: S106 - signs cookies of invented people
    DATABASES={"default": database()},
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
)

from django.conf import settings  # noqa: E402 - Django is configured by now
from django.core.management import call_command  # noqa: E402 - Django is configured by now
from django.db import connection, transaction  # noqa: E402 - Django is configured by now
from django.test.utils import setup_test_environment  # noqa: E402 - Django is configured by now

from service.office.house import House  # noqa: E402 - Django is configured by now
from tests.office.cast import SetClock, make_cast  # noqa: E402 - Django is configured by now
from tests.office.stocked import Stock, make_stock  # noqa: E402 - Django is configured by now


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tables with the cast, made once."""
    folder = tmp_path_factory.mktemp("office")
    if POSTGRESQL is None:
        connection.settings_dict["NAME"] = str(folder / "test.sqlite")
        connection.settings_dict["OPTIONS"]["init_command"] = "PRAGMA synchronous=OFF"
    setup_test_environment()
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.HOUSE = a_house(folder)
    call_command("migrate", verbosity=0, interactive=False)
    make_cast()
    yield
    connection.close()


def a_house(folder: Path) -> House:
    """Return a house in a folder, without keys."""
    (folder / "office").mkdir(parents=True)
    configuration.write_default(folder)
    return House(folder=folder, settings=configuration.read_office(folder), clock=SetClock())


@pytest.fixture
def office(tables: None, tmp_path: Path) -> Iterator[House]:  # noqa: ARG001 - the tables are there
    """A house of one's own, without keys; what is written to the tables is taken back."""
    before = settings.HOUSE
    settings.HOUSE = a_house(tmp_path / "office-site")
    with transaction.atomic():
        yield settings.HOUSE
        transaction.set_rollback(True)
    settings.HOUSE = before


@pytest.fixture(scope="session")
def made_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with keys and an empty vault, to be copied."""
    folder = tmp_path_factory.mktemp("made") / "site"
    layout.create_site(
        layout.SitePlan(
            folder=folder, school="Larkfield", passphrase=b"four words at random", work_factor=6
        )
    )
    first_records(folder)
    return folder


@pytest.fixture
def office_site(office: House, made_site: Path) -> House:
    """The house of `office` with keys and a vault."""
    shutil.copytree(made_site, office.folder, dirs_exist_ok=True)
    return office


@pytest.fixture(scope="session")
def made_stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with real sealed pictures, to be copied."""
    return make_stock(tmp_path_factory.mktemp("stock"))


@pytest.fixture
def stock(office: House, made_stock: Path) -> Stock:
    """The house of `office` over a copy of that site."""
    return Stock.copied(made_stock, office)
