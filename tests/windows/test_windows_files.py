# SPDX-License-Identifier: Apache-2.0
"""What Windows knows of files: open writers, times that nobody sets back, names, locks, links.

Runs under the Windows Python (tests/windows/test_on_windows.py starts it there); elsewhere it
says why it does not.
"""

import os
import sys
import threading
from pathlib import Path

import pytest

from agent import durable, lock, places, windows_files
from agent.core.errors import ConfigurationError, UnavailableError

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="what Windows does")


def changed(path: Path) -> int:
    return windows_files.changed_ns(path, path.lstat())


def test_a_time_that_was_set_back_still_shows_the_change(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"one")
    before, times = changed(path), path.stat()
    threading.Event().wait(0.05)
    path.write_bytes(b"two")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert path.stat().st_mtime_ns == times.st_mtime_ns
    assert changed(path) > before


def test_an_open_file_has_the_same_time_of_change(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"one")
    with path.open("rb") as file:
        number = file.fileno()
        assert windows_files.changed_ns_of(number, os.fstat(number)) == changed(path)


def test_looking_changes_no_time(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"one")
    before = changed(path)
    threading.Event().wait(0.05)
    assert not windows_files.is_open_for_writing(path)
    path.read_bytes()
    assert changed(path) == before


def test_a_writer_is_seen_and_a_reader_is_not_in_the_way(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"one")
    with path.open("ab"):
        assert windows_files.is_open_for_writing(path)
    with path.open("rb"):
        assert not windows_files.is_open_for_writing(path)


def test_a_file_that_is_gone_counts_as_being_written(tmp_path: Path) -> None:
    assert windows_files.is_open_for_writing(tmp_path / "gone.jpg")


def test_a_final_name_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "body"
    durable.write_new(path, [b"first"])
    with pytest.raises(FileExistsError):
        durable.write_new(path, [b"second"])
    assert (path.read_bytes(), list(tmp_path.glob("*.part"))) == (b"first", [])


def test_a_file_that_somebody_reads_is_replaced_or_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    durable.replace(path, [b"old"])
    with path.open("rb"):
        with pytest.raises(OSError, match=r"WinError|Errno"):
            durable.replace(path, [b"new"])
        assert path.read_bytes() == b"old"
    durable.replace(path, [b"new"])
    assert (path.read_bytes(), list(tmp_path.glob("*.part"))) == (b"new", [])


def test_a_second_agent_is_kept_out(tmp_path: Path) -> None:
    path = tmp_path / "agent.lock"
    with lock.only_agent(path), pytest.raises(UnavailableError), lock.only_agent(path):
        pass
    with lock.only_agent(path):
        pass


def test_a_vault_in_the_profile_of_a_person_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="one person's profile"):
        places.check_place(Path.home() / "vault", places.Use.VAULT, rehearsal=False)


def test_a_folder_of_a_cloud_service_is_refused_in_any_capitals(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cloud"):
        places.check_place(tmp_path / "ONEDRIVE - School" / "x", places.Use.IMPORT, rehearsal=True)


def test_a_long_path_is_written_and_read(tmp_path: Path) -> None:
    folder = tmp_path
    while len(str(folder)) < 230:
        folder /= "a" * 20
    folder.mkdir(parents=True)
    durable.write_new(folder / "body", [b"content"])
    assert (folder / "body").read_bytes() == b"content"
