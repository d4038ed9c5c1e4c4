# SPDX-License-Identifier: Apache-2.0
"""`install.ps1` under a real grammar and our lint; the lint catches each fault that is planted."""

import re
from dataclasses import fields

import pytest

from service.windows import reasons
from service.windows.facts import Verb
from service.windows.steps import STEPS, Plan
from tests.shared import REPOSITORY
from tests.windows import executor
from tests.windows.powershell import Script, first, lint, nodes, text_of

TEXT = (REPOSITORY / "install.ps1").read_text("utf-8")
SCRIPT = Script(TEXT)


def test_the_script_is_as_it_must_be() -> None:
    assert lint(TEXT) == []


PLANTED = {
    "a letter that is not ASCII": ("# Tell the technician", "# Tell the technicián", "not ASCII"),
    "a brace too few": (
        "    return $true\n}\n\nfunction Write-Told",
        "    return $true\n",
        "grammar",
    ),
    "a chain of version 7": (
        "    Invoke-Step -Step $step\n",
        "    Invoke-Step -Step $step && Invoke-Step -Step $step\n",
        "version 7",
    ),
    "a null-coalescing operator": (
        "$folder = $LogPath\n",
        "$folder = $LogPath ?? ''\n",
        "version 7",
    ),
    "a question operator": ("$folder = $LogPath\n", "$folder = $Silent ? '' : 'x'\n", "version 7"),
    "a change outside the gate": (
        "    $planner = Find-Planner\n",
        "    $planner = Find-Planner\n    Remove-Item -LiteralPath $planner\n",
        "Remove-Item can be reached without",
    ),
    "a gate that was taken out": (
        "if (Test-Change -Target $step.target -Action $step.action) {",
        "if ($true) {",
        "New-Item can be reached without",
    ),
    "a gate turned round": (
        "if (Test-Change -Target $step.target -Action $step.action) {",
        "if (-not (Test-Change -Target $step.target -Action $step.action)) {",
        "Remove-Item can be reached without",
    ),
    "a change in the other branch": (
        '            throw "Declined: $($step.action)"\n',
        "            Invoke-Step -Step $step\n",
        "can be reached without",
    ),
    "a program whose end nobody looks at": (
        "    if ($Accept -notcontains $LASTEXITCODE) {\n",
        "    if ($false) {\n",
        "nobody looks at the exit code",
    ),
    "a program started elsewhere": (
        "    $service = Get-Service",
        "    sc.exe stop Photowarden\n    $service = Get-Service",
        "a program is started outside",
    ),
    "a program started by its path": (
        "    $service = Get-Service",
        '    & "C:\\x.exe"\n    $service = Get-Service',
        "a program is started outside",
    ),
    "a function that nobody wrote": (
        "Invoke-TakeLock -Step $Step\n",
        "Invoke-TakeLok -Step $Step\n",
        "Invoke-TakeLok is neither defined",
    ),
    "a function that nobody calls": (
        "Invoke-TakeLock -Step $Step\n",
        "Invoke-MakeFolder -Step $Step\n",
        "Invoke-TakeLock is never called",
    ),
    "a parameter that is not there": (
        "Wait-ForService -Name $Step.service -Status 'Running' -Seconds 0",
        "Wait-ForService -Name $Step.service -State 'Running' -Seconds 0",
        "has no parameter State",
    ),
    "a type of .NET": (
        "$folder = $LogPath\n",
        "$folder = [System.IO.Path]::GetTempPath()\n",
        "Constrained Language",
    ),
    "a forbidden type alone": (
        "$folder = $LogPath\n",
        "$folder = [System.Text.Encoding]\n",
        "the type",
    ),
    "a method of an object": (
        "$folder = $LogPath\n",
        "$folder = $LogPath.GetType()\n",
        "Constrained Language",
    ),
    "the gate's method without its question": (
        "-eq 'FullLanguage'",
        "-ne 'NoLanguage'",
        "Constrained Language",
    ),
    "code made at run time": ("$folder = $LogPath\n", "Add-Type -Name X\n", "Add-Type"),
    "a try alone": (
        '        } catch {\n            Write-Told "There is no transcript: $_"\n        }\n',
        "        }\n",
        "line",
    ),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_caught(fault: str) -> None:
    before, after, said = PLANTED[fault]
    assert before in TEXT
    found = lint(TEXT.replace(before, after, 1))
    assert any(said in line for line in found), found


def clauses() -> dict[str, str]:
    """Return the kinds that the script knows, and the one function that each clause calls."""
    found = {}
    for clause in nodes(SCRIPT.functions["Invoke-Step"], "switch_clause"):
        kind = text_of(first(clause, "switch_clause_condition")).strip("'")
        names = [text_of(node) for node in nodes(clause, "command_name")]
        if kind != "default":
            (found[kind],) = names
    return found


def text_of_function(name: str) -> str:
    return text_of(SCRIPT.functions[name])


def test_every_kind_of_step_has_exactly_one_function_in_the_script() -> None:
    kinds = {step.do for step in STEPS}
    named = {kind: f"Invoke-{kind.title().replace('_', '')}" for kind in kinds}
    assert clauses() == named


def test_an_unknown_kind_of_step_stops_the_script() -> None:
    assert re.search(r"default \{\s+throw", text_of_function("Invoke-Step"))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.do)
def test_a_function_uses_every_field_of_its_step_and_no_other(step: type) -> None:
    wanted = {field.name for field in fields(step)} - {"target", "action"}
    used = set(re.findall(r"\$Step\.([a-z_]+)", text_of_function(clauses()[step.do])))
    assert used == wanted


def test_the_reference_executor_knows_the_same_kinds() -> None:
    assert executor.EXECUTORS.keys() == {step.do for step in STEPS}


def test_the_script_reads_of_a_plan_what_a_plan_has() -> None:
    used = set(re.findall(r"\$[Pp]lan\.([a-z_]+)", TEXT))
    assert used <= {field.name for field in fields(Plan)}
    assert {"steps", "back", "back_from", "afterwards", "exit", "message", "remedy"} <= used


def test_every_switch_of_the_planner_that_the_script_gives_exists() -> None:
    given = set(re.findall(r"'(--[a-z]+)'", TEXT))
    known = (REPOSITORY / "service" / "windows" / "__main__.py").read_text("utf-8")
    assert given >= {"--json", "--verb", "--package", "--wheels", "--purge", "--signature"}
    assert all(f'"{word}"' in known for word in given)


def test_every_parameter_set_is_a_verb_of_the_planner() -> None:
    sets = set(re.findall(r"ParameterSetName = '(\w+)'", TEXT))
    assert {name.lower() for name in sets} == {verb.value for verb in Verb}


def test_the_help_names_every_parameter_and_every_exit_code() -> None:
    block = first(SCRIPT.root, "param_block")
    names = {text_of(v).lstrip("$") for v in nodes(block, "variable")} - {"true"}
    said = TEXT.partition("#>")[0]
    assert [name for name in names if f".PARAMETER {name}\n" not in said] == []
    codes = {reason.exit for reason in reasons.REASONS.values()} | {0, 1, 1602, 1603, 1618}
    assert [code for code in codes if not re.search(rf"\b{code} ", said)] == []
