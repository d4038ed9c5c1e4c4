# SPDX-License-Identifier: Apache-2.0
"""Freezing at the computer: every way to the picture is shut, and opens again."""

from agent import site as layout
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
