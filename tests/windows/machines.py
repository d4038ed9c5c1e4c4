# SPDX-License-Identifier: Apache-2.0
"""Invented Windows PCs and wishes, defaulted; a test says what is special."""

from dataclasses import replace
from pathlib import PureWindowsPath

from service.windows.facts import Machine, Package, Python, Service, SiteFacts, Verb, Wish
from service.windows.layout import Layout

PROGRAM = PureWindowsPath(r"C:\Program Files\Photowarden")
SITE = PureWindowsPath(r"C:\ProgramData\Photowarden")
PYTHON = PureWindowsPath(r"C:\Program Files\Python311\python.exe")
RELEASE = PureWindowsPath(r"\\server\deploy\photowarden")

A_SITE = SiteFacts(
    present=True,
    imports=(SITE / "import", PureWindowsPath("E:/Cameras")),
    vault=PureWindowsPath(r"\\server\vault"),
    folders=frozenset({"state", "keys", "import"}),
)


def python(**changes: object) -> Python:
    usual = Python(path=PYTHON, version=(3, 11), bits=64, one_person=False, virtual=False)
    return replace(usual, **changes)


def fresh(**changes: object) -> Machine:
    """A PC on which Photowarden never was."""
    usual = Machine(
        administrator=True,
        build=22631,
        python=python(),
        free_bytes=50_000_000_000,
        folders={},
        current=None,
        registered=None,
        service=Service.ABSENT,
        locked=False,
        site=SiteFacts(),
    )
    return replace(usual, **changes)


def serving(version: str = "0.1.0", **changes: object) -> Machine:
    """A PC on which a version runs, with a site."""
    usual = fresh(
        folders={f"{version}-1": True},
        current=f"{version}-1",
        registered=version,
        service=Service.RUNNING,
        site=A_SITE,
    )
    return replace(usual, **changes)


def package(version: str = "0.1.0", **changes: object) -> Package:
    usual = Package(
        version=version,
        wheel=RELEASE / "program" / f"photowarden-{version}-py3-none-any.whl",
        release_lock=RELEASE / "release.lock",
        lock=RELEASE / "requirements.lock",
        wheels=RELEASE / "wheels",
        tags=frozenset({"cp311"}),
    )
    return replace(usual, **changes)


def wish(verb: Verb = Verb.INSTALL, version: str = "0.1.0", **changes: object) -> Wish:
    usual = Wish(
        verb=verb,
        layout=Layout(program=PROGRAM, site=SITE),
        package=package(version),
        temporary=PureWindowsPath(r"C:\Users\technician\AppData\Local\Temp"),
        launcher=("print()",),
        signature="Valid",
    )
    return replace(usual, **changes)
