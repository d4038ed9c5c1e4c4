# SPDX-License-Identifier: Apache-2.0
"""`install.ps1` run over an invented Windows with the real planning: what it does and leaves."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from service.windows.facts import Service, Verb
from tests.shared import REPOSITORY
from tests.windows.invented_windows import SCRIPT_FOLDER, WHEEL, InventedWindows
from tests.windows.machines import A_SITE, PROGRAM, PYTHON, fresh, package, python, serving, wish
from tests.windows.powershell import Script
from tests.windows.shell import Shell
from tests.windows.shell_values import ShellError

TEXT = (REPOSITORY / "install.ps1").read_text("utf-8")
SCRIPT = Script(TEXT)
LOCK = str(PROGRAM / "installing.txt")
NEW = str(PROGRAM / "versions" / "0.1.0-1")


def windows(machine: Any, verb: Verb = Verb.INSTALL, **special: Any) -> InventedWindows:
    """An invented PC whose files and services are those of the machine that is planned for."""
    wished = wish(verb, **special.pop("wished", {}))
    made = InventedWindows(machine=machine, wish=wished, verb=verb.value.title(), **special)
    if machine.current:
        made.files |= {str(PROGRAM): None, str(PROGRAM / "current.txt"): [machine.current]}
    if machine.service is not Service.ABSENT:
        made.services["Photowarden"] = "Running"
    return made


def run(pc: InventedWindows, script: Script = SCRIPT, **given: Any) -> int:
    chosen = {pc.verb: True, **({"WhatIf": True} if pc.what_if else {}), **given}
    return Shell(script, pc).run(**chosen)


def test_a_fresh_pc_is_installed_and_serves() -> None:
    pc = windows(fresh(site=A_SITE))
    assert run(pc) == 0
    assert (pc.current(), pc.services) == ("0.1.0-1", {"Photowarden": "Running"})
    assert pc.keys[r"HKLM:\SOFTWARE\Photowarden"] == {"Version": "0.1.0"}
    assert LOCK not in pc.files


def test_every_step_of_the_plan_is_carried_out_in_its_order() -> None:
    pc = windows(serving("0.0.9"))
    assert run(pc) == 0
    steps = json.loads(plan_of(pc))["steps"]
    told = [f"{step['action']}: {step['target']}" for step in steps]
    assert pc.asked[1 : 1 + len(told)] == told
    assert pc.asked[0].startswith("Write a transcript")


def plan_of(pc: InventedWindows) -> str:
    return pc.program(str(PYTHON), ["plan"])[1][0]


@pytest.mark.parametrize("verb", [Verb.INSTALL, Verb.UPGRADE, Verb.REPAIR, Verb.UNINSTALL])
@pytest.mark.parametrize("language", ["FullLanguage", "ConstrainedLanguage"])
def test_what_if_leaves_nothing_behind(verb: Verb, language: str) -> None:
    pc = windows(serving("0.0.9"), verb, what_if=True, language=language)
    before = (dict(pc.files), json.dumps(pc.keys), dict(pc.services))
    assert run(pc) == 0
    assert (dict(pc.files), json.dumps(pc.keys), dict(pc.services)) == before
    assert pc.changes == []
    assert all("plan" in call for call in pc.calls)
    spoken = pc.asked or [line for line in pc.said if line.startswith("What if:")]
    assert len(spoken) >= len(json.loads(plan_of(pc))["steps"])


def test_constrained_language_installs_as_well() -> None:
    pc = windows(fresh(site=A_SITE), language="ConstrainedLanguage")
    assert run(pc) == 0
    assert pc.services == {"Photowarden": "Running"}


def test_a_version_that_does_not_start_is_taken_back() -> None:
    pc = windows(serving("0.0.9"), stuck="0.1.0-1")
    assert run(pc) == 1603
    assert (pc.current(), pc.services) == ("0.0.9-1", {"Photowarden": "Running"})
    assert (NEW in pc.files, LOCK in pc.files) == (False, False)


@pytest.mark.parametrize("word", ["requirements.lock", "release.lock", "icacls.exe"])
def test_what_fails_before_the_switch_leaves_the_old_version_running(word: str) -> None:
    pc = windows(serving("0.0.9"), breaks=(word,))
    assert run(pc) == 1603
    assert (pc.current(), pc.services) == ("0.0.9-1", {"Photowarden": "Running"})
    assert "Stop-Service Photowarden" not in pc.changes
    assert LOCK not in pc.files


def test_a_first_installation_that_does_not_start_leaves_no_switch() -> None:
    pc = windows(fresh(site=A_SITE), stuck="0.1.0-1")
    assert run(pc) == 1603
    assert pc.current() is None
    assert r"HKLM:\SOFTWARE\Photowarden" not in pc.keys


def test_a_second_installation_at_the_same_moment_waits_and_takes_no_lock_away() -> None:
    pc = windows(serving("0.0.9"))
    pc.files[LOCK] = b""
    assert run(pc) == 1618
    assert LOCK in pc.files
    assert pc.current() == "0.0.9-1"


def test_a_step_that_is_declined_ends_it() -> None:
    pc = windows(serving("0.0.9"), declines="Stop the service")
    assert run(pc) == 1602
    assert pc.current() == "0.0.9-1"


def test_a_wheel_that_was_exchanged_is_never_run() -> None:
    pc = windows(fresh(), wheel=b"another wheel")
    assert run(pc) == 1603
    assert pc.calls == []
    assert pc.changes == []


def test_the_signature_of_python_is_told_to_the_planning() -> None:
    pc = windows(fresh(), signature="HashMismatch")
    run(pc)
    (words,) = [call for call in pc.calls if "plan" in call]
    assert words[words.index("--signature") + 1] == "HashMismatch"


def test_the_planning_runs_out_of_our_own_wheel_and_writes_nothing() -> None:
    pc = windows(fresh())
    run(pc)
    words = pc.calls[0]
    assert words[0] == str(PYTHON)
    assert words[1:4] == ["-I", "-B", "-c"]
    assert words[5:] == [
        *(WHEEL, "plan", "--json", "--verb", "install", "--package", SCRIPT_FOLDER),
        *("--wheels", rf"{SCRIPT_FOLDER}\wheels", "--signature", "Valid"),
    ]


def test_the_python_that_the_wheels_are_for_is_chosen() -> None:
    """3.12 is newer and there, but the wheels are for 3.11."""
    pc = windows(fresh())
    run(pc)
    assert {call[0] for call in pc.calls if "plan" in call} == {str(PYTHON)}


def test_without_a_python_it_says_so() -> None:
    pc = windows(fresh())
    pc.keys = {}
    assert run(pc) == 87
    assert "no Python" in pc.said[-1]


def test_a_python_that_is_named_must_be_there() -> None:
    assert run(windows(fresh()), PythonPath=r"C:\gone\python.exe") == 87


def test_a_refusal_is_said_even_in_silence_with_its_exit_code() -> None:
    pc = windows(fresh(free_bytes=1))
    assert run(pc, Silent=True) == 1603
    assert "[disk.full]" in pc.said[-1]
    assert [c for c in pc.changes if "Log" not in c and "Transcript" not in c] == []


def test_without_rights_there_is_not_even_a_transcript() -> None:
    pc = windows(fresh(administrator=False))
    assert run(pc) == 5
    assert pc.changes == []


def test_silence_says_nothing_when_all_is_well() -> None:
    pc = windows(fresh(site=A_SITE))
    assert run(pc, Silent=True) == 0
    assert pc.said == []


def test_detection_prints_the_version_and_nothing_else() -> None:
    pc = windows(serving(), Verb.DETECT)
    assert (run(pc), pc.said, pc.changes) == (0, ["0.1.0"], [])


def test_detection_of_nothing_prints_nothing() -> None:
    pc = windows(fresh(), Verb.DETECT)
    assert (run(pc), pc.said, pc.changes) == (1, [], [])


def test_an_uninstallation_removes_program_service_and_marks() -> None:
    pc = windows(serving(), Verb.UNINSTALL)
    assert run(pc) == 0
    assert [p for p in pc.files if p.startswith(str(PROGRAM))] == []
    assert "run sc.exe Photowarden" in pc.changes


def test_a_purge_is_told_to_the_planning() -> None:
    pc = windows(serving(), Verb.UNINSTALL, wished={"purge": True})
    assert run(pc, PurgeData=True) == 0
    assert "--purge" in pc.calls[0]


def test_the_demonstration_leaves_nothing_and_keeps_no_transcript() -> None:
    pc = windows(fresh(administrator=False, python=python(one_person=True)), Verb.DEMO)
    assert run(pc) == 0
    assert [c for c in pc.changes if "Transcript" in c or "New-Item" in c] == []


def test_a_demonstration_that_fails_is_tidied_as_well() -> None:
    pc = windows(fresh(), Verb.DEMO, breaks=("venv",))
    demo = str(wish().temporary / "photowarden-demo")
    pc.files[demo] = None
    assert run(pc) == 1603
    assert demo not in pc.files


def test_a_32_bit_shell_starts_a_64_bit_one_with_the_same_words() -> None:
    pc = windows(fresh())
    pc.environment["PROCESSOR_ARCHITEW6432"] = "AMD64"
    run(pc, WheelDir=r"D:\wheels", WhatIf=True)
    (words,) = pc.calls
    assert words[0].endswith(r"Sysnative\WindowsPowerShell\v1.0\powershell.exe")
    assert words[-4:] == ["-Install", "-WheelDir", r"D:\wheels", "-WhatIf"]
    assert words[words.index("-File") + 1].endswith("install.ps1")


def test_a_release_for_another_python_is_refused() -> None:
    pc = windows(fresh(), wished={"package": package(tags=frozenset({"cp312"}))})
    assert run(pc) == 87


MUTANTS: dict[str, tuple[str, str, Callable[[], None]]] = {
    "the way back is forgotten": (
        "            Invoke-Steps -Steps $Plan.back -Back\n",
        "",
        test_a_version_that_does_not_start_is_taken_back,
    ),
    "the way back is taken too early": (
        "$script:Number -ge $Plan.back_from",
        "$script:Number -ge 0",
        lambda: test_what_fails_before_the_switch_leaves_the_old_version_running("icacls.exe"),
    ),
    "the lock of another one is taken away": (
        "if ($script:Locked -or $wanted.Count -eq 0) {",
        "if ($true) {",
        test_a_second_installation_at_the_same_moment_waits_and_takes_no_lock_away,
    ),
    "the exit code of a program is not looked at": (
        "if ($Accept -notcontains $LASTEXITCODE) {",
        "if ($false) {",
        lambda: test_what_fails_before_the_switch_leaves_the_old_version_running("release.lock"),
    ),
    "the digest of the wheel is not looked at": (
        "if ($lock -notmatch",
        "if ($false -and $lock -notmatch",
        test_a_wheel_that_was_exchanged_is_never_run,
    ),
    "what-if is not heard in constrained language": (
        "    if ($WhatIfPreference) {\n        Write-Host",
        "    if ($false) {\n        Write-Host",
        lambda: test_what_if_leaves_nothing_behind(Verb.INSTALL, "ConstrainedLanguage"),
    ),
    "a declined step is passed over": (
        '            throw "Declined: $($step.action)"\n',
        "",
        test_a_step_that_is_declined_ends_it,
    ),
}


@pytest.mark.parametrize("fault", MUTANTS)
def test_a_planted_fault_of_the_flow_is_caught(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after, holds = MUTANTS[fault]
    assert before in TEXT
    monkeypatch.setitem(globals(), "SCRIPT", Script(TEXT.replace(before, after, 1)))
    monkeypatch.setattr(run, "__defaults__", (globals()["SCRIPT"],))
    with pytest.raises((AssertionError, ShellError)):
        holds()
