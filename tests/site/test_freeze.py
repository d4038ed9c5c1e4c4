# SPDX-License-Identifier: Apache-2.0
"""Freezing at the computer: every way to the picture is shut, and opens again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent import bootstrap
from agent import site as layout
from agent.adapters.journal import Journal
from agent.cli.common import read_identity
from agent.core.case import Record
from agent.core.desk import Freeze
from agent.core.errors import ConfigurationError
from agent.opening import opened
from tests.builders import an_item
from tests.site.conftest import Done, School, picture


def test_every_command_refuses_a_frozen_picture_until_it_is_released(a_school: School) -> None:
    a_school.drop("camera-1/3B/1.JPG", picture())
    (line,) = a_school.process().values()
    case = line["case"]
    key = ("--identity", str(a_school.folder / layout.OFFICE_IDENTITY))
    key += ("--passphrase-file", str(a_school.base / "passphrase"))
    out = a_school.base / "picture.jpg"

    frozen = a_school.run("freeze", case)
    assert frozen.code == 0, frozen.err
    for person in ("police", "safeguarding lead", "LADO", "chair of governors"):
        assert person in frozen.out

    def refused(*words: str) -> str:
        done: Done = a_school.run(*words)
        assert done.code == 2, done.out
        return done.err

    assert "case.frozen" in refused("open", case, "--out", str(out), *key)
    assert "case.frozen" in refused("show", case, *key)
    assert "case.frozen" in refused("say", case, "--person", "P01")
    assert not out.exists()
    shown = a_school.run("show", case, "--json").lines[0]
    assert (shown["frozen"], shown["cleared"]) == (True, {})

    release = ("unfreeze", case, "--reference", "WS-2026-004711", "--role")
    assert "freeze.not_entitled" in refused(*release, "chair-of-governors", *key)
    done = a_school.run(*release, "safeguarding-lead", *key)
    assert done.code == 0, done.err
    assert len(a_school.opened(case)) > 0
    assert b"WS-2026-004711" not in b"".join(
        path.read_bytes() for path in a_school.vault.rglob("*.jsonl")
    )


def test_what_is_due_for_erasing_is_listed_and_what_is_frozen_is_said(a_school: School) -> None:
    policy = a_school.folder / "policy.toml"
    policy.write_text(policy.read_text("utf-8").replace("held_days = 90", "held_days = 1"), "utf-8")
    for scene in (1, 2):
        a_school.drop(f"camera-1/{scene}.JPG", picture(scene))
    one, other = (line["case"] for line in a_school.process().values())
    assert a_school.run("dispose", "--json").lines == []
    with Journal(a_school.folder / layout.JOURNAL) as journal:
        journal.put([_older(record) for record in journal.all()])
    assert a_school.run("freeze", one).code == 0
    listed = {line["case"]: line["frozen"] for line in a_school.run("dispose", "--json").lines}
    assert listed == {one: True, other: False}


def _older(record: Record) -> Record:
    """Return a record as if everything had been two days ago."""
    then = record.arrived_at - timedelta(days=2)
    return replace(record, arrived_at=then, ruling=replace(record.ruling, decided_at=then))


def test_a_freeze_stops_somebody_who_is_reading_the_picture(a_school: School) -> None:
    """Each mebibyte is asked for anew; a freeze on the desk counts before the agent takes it in."""
    a_school.drop("camera-1/3B/1.JPG", picture())
    (line,) = a_school.process().values()
    site = bootstrap.load_site(a_school.folder)
    with bootstrap.open_journal(site) as journal:
        record = journal.find(line["case"])
    assert record is not None
    identity = read_identity(a_school.folder / layout.OFFICE_IDENTITY, a_school.base / "passphrase")
    with opened(site, record, identity) as (_, _, chunks):
        with bootstrap.open_desk(site) as desk:
            desk.put(an_item(Freeze(case=record.case)))
        with pytest.raises(ConfigurationError) as stopped:
            next(chunks)
    assert stopped.value.code == "case.frozen"
