# SPDX-License-Identifier: Apache-2.0
"""The parts of the Windows service that need no Windows: requests, Event Log, log file, rights."""

from pathlib import Path, PureWindowsPath

import pytest

from agent.core.errors import AgentError, ConfigurationError, IntegrityError, UnavailableError
from service.log_file import LogFile
from service.windows import access, controls
from service.windows.controls import Reaction, reaction_to
from service.windows.event_log import EventLog
from service.windows.layout import ADMINISTRATORS, SYSTEM, USERS, service_sid

SITE = PureWindowsPath(r"C:\ProgramData\Photowarden")
SERVICE = service_sid("Photowarden")


@pytest.mark.parametrize(
    ("control", "event", "reaction"),
    [
        (controls.STOP, 0, Reaction.STOP),
        (controls.SHUTDOWN, 0, Reaction.STOP),
        (controls.PRESHUTDOWN, 0, Reaction.STOP),
        (controls.INTERROGATE, 0, Reaction.TELL),
        (controls.DEVICE_EVENT, 0x8000, Reaction.WAKE),
        (controls.DEVICE_EVENT, 0x8004, Reaction.NOTHING),
        (controls.POWER_EVENT, 0x12, Reaction.WAKE),
        (controls.POWER_EVENT, 0x07, Reaction.WAKE),
        (controls.POWER_EVENT, 0x04, Reaction.NOTHING),
        (99, 0x8000, Reaction.NOTHING),
    ],
)
def test_each_request_has_its_reaction(control: int, event: int, reaction: Reaction) -> None:
    assert reaction_to(control, event) is reaction


class Told:
    """An Event Log that keeps what it is told, and a clock that is set."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, int, str]] = []
        self.seconds = 0.0
        self.log = EventLog(lambda *entry: self.entries.append(entry), lambda: self.seconds)

    def numbers(self) -> list[int]:
        return [number for number, _, _ in self.entries]


def test_start_and_stop_are_told_and_photos_are_not() -> None:
    told = Told()
    for event in ("agent.started", "photo.processed", "agent.stopped"):
        told.log.see({"event": event, "case": "x"})
    assert told.numbers() == [1, 2]


def test_an_absent_storage_is_told_once_an_hour() -> None:
    told = Told()
    for seconds in (0, 60, 3599, 3600, 3700, 7200):
        told.seconds = float(seconds)
        told.log.see({"event": "agent.waiting", "code": "vault.unavailable", "seconds": 15.0})
    assert told.numbers() == [10, 10, 10]
    assert told.entries[0][2] == "Photowarden: waiting code=vault.unavailable seconds=15.0"


@pytest.mark.parametrize(
    ("kind", "number"), [(ConfigurationError, 20), (UnavailableError, 10), (IntegrityError, 21)]
)
def test_an_error_is_told_by_its_family_and_code_alone(kind: type[AgentError], number: int) -> None:
    told = Told()
    told.log.error(kind("Zoe Lindqvist", code="keys.missing", remedy="ask Zoe"))
    assert told.numbers() == [number]
    assert told.entries[0][2].endswith("code=keys.missing")
    assert "Zoe" not in str(told.entries)


def test_what_is_no_code_is_hidden() -> None:
    told = Told()
    told.log.fault("ValueError", "Zoe Lindqvist.jpg")
    assert told.entries[0][2] == "Photowarden: fault code=ValueError place=(hidden)"


def test_a_full_log_file_is_put_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "log" / "agent.log", max_bytes=10, files=3)
    for number in range(6):
        file.write(f"line {number}\n")
    file.close()
    kept = {path.name: path.read_text() for path in (tmp_path / "log").iterdir()}
    assert kept == {"agent.log": "line 5\n", "agent.log.1": "line 4\n", "agent.log.2": "line 3\n"}


def test_a_log_file_goes_on_where_it_ended(tmp_path: Path) -> None:
    for text in ("one\n", "two\n"):
        file = LogFile(tmp_path / "agent.log")
        file.write(text)
        file.close()
    assert (tmp_path / "agent.log").read_text() == "one\ntwo\n"


def rights() -> dict[PureWindowsPath, tuple[str, ...]]:
    return dict(access.site_rights(SITE, [SITE / "import", PureWindowsPath("E:/Cameras")]))


def test_the_site_is_cut_off_from_what_everybody_may_do() -> None:
    cut = {place for place, words in rights().items() if "/inheritance:r" in words}
    assert cut == {SITE, SITE / "state", SITE / "office", SITE / "import"}


def test_the_service_reads_settings_changes_state_and_never_reaches_the_offices_keys() -> None:
    found = rights()
    assert f"*{SERVICE}:(OI)(CI)RX" in found[SITE]
    assert f"*{SERVICE}:(OI)(CI)M" in found[SITE / "state"]
    assert SERVICE not in str(found[SITE / "office"])


def test_people_put_files_in_and_read_none() -> None:
    (drop,) = (word for word in rights()[SITE / "import"] if USERS in word)
    assert "(OI)" not in drop
    assert {"WD", "AD"} <= set(drop.rpartition("(")[2].strip(")").split(","))
    assert [place for place, words in rights().items() if USERS in str(words)] == [SITE / "import"]


def test_a_folder_of_the_schools_keeps_its_rights_and_gets_the_service() -> None:
    assert rights()[PureWindowsPath("E:/Cameras")] == ("/grant:r", f"*{SERVICE}:(OI)(CI)M")


def test_rights_are_given_by_id_and_never_by_name() -> None:
    for words in rights().values():
        for word in words:
            assert word.startswith(("/", "*S-1-"))
        assert SYSTEM in str(words) or words[0] == "/grant:r"
        assert ADMINISTRATORS in str(words) or words[0] == "/grant:r"
