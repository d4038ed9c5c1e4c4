# SPDX-License-Identifier: Apache-2.0
"""An invented Windows for `shell.py`: files, registry, services and programs that are only noted.

Every change is written into `changes` with the cmdlet that made it, so a test can say what
happened and what did not. A cmdlet that meets a case which the script never makes refuses.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import PureWindowsPath
from typing import Any

from service.windows.facts import Machine, Wish
from service.windows.planning import plan
from tests.windows.machines import PROGRAM, PYTHON
from tests.windows.shell_values import ShellError

SCRIPT_FOLDER = r"\\server\deploy\photowarden"
WHEEL = rf"{SCRIPT_FOLDER}\program\photowarden-0.1.0-py3-none-any.whl"
LOG_FOLDER = r"C:\Windows\Logs\Photowarden"
_CONTENT = b"our wheel"
_PYTHONS = r"HKLM:\SOFTWARE\Python\PythonCore"
_QUIET = {"Set-StrictMode", "Start-Sleep"}


@dataclass
class InventedWindows:
    """One PC; `breaks`: words of calls that fail; `stuck`: a version that does not start."""

    machine: Machine
    wish: Wish
    language: str = "FullLanguage"
    declines: str = ""
    breaks: tuple[str, ...] = ()
    stuck: str = ""
    signature: str = "Valid"
    wheel: bytes = _CONTENT
    files: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    services: dict[str, str] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    calls: list[list[str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(
        default_factory=lambda: {"SystemRoot": r"C:\Windows", "PROCESSOR_ARCHITEW6432": ""}
    )
    verb: str = "Install"
    what_if: bool = False

    def __post_init__(self) -> None:
        digest = hashlib.sha256(_CONTENT).hexdigest()
        self.files |= {
            SCRIPT_FOLDER: None,
            rf"{SCRIPT_FOLDER}\wheels": None,
            rf"{SCRIPT_FOLDER}\wheels\numpy-2-cp311-cp311-win_amd64.whl": b"",
            rf"{SCRIPT_FOLDER}\program": None,
            WHEEL: self.wheel,
            rf"{SCRIPT_FOLDER}\release.lock": f"photowarden==0.1.0 --hash=sha256:{digest}\n",
            str(PYTHON): b"python",
        }
        for version in ("3.9", "3.11", "3.12", "3.11-32"):
            place = str(PYTHON) if version == "3.11" else rf"C:\Python{version}\python.exe"
            self.keys[rf"{_PYTHONS}\{version}"] = {}
            self.keys[rf"{_PYTHONS}\{version}\InstallPath"] = {"ExecutablePath": place}

    @property
    def variables(self) -> dict[str, Any]:
        """Return what PowerShell itself sets before a script runs."""
        return {
            "PSScriptRoot": SCRIPT_FOLDER,
            "PSCommandPath": rf"{SCRIPT_FOLDER}\install.ps1",
            "PSCmdlet": {"ShouldProcess": self.should_process, "ParameterSetName": self.verb},
            "ExecutionContext": {"SessionState": {"LanguageMode": self.language}},
            "WhatIfPreference": self.what_if,
        }

    def should_process(self, target: str, action: str) -> bool:
        """Answer as `-WhatIf` and `-Confirm` do."""
        if self.language != "FullLanguage":
            raise ShellError("Method invocation is supported only on core types")
        self.asked.append(f"{action}: {target}")
        return not self.what_if and (not self.declines or self.declines not in action)

    def program(self, path: str, arguments: list[str]) -> tuple[int, list[str]]:
        """Note a call; answer the one for a plan with the real planning."""
        self.calls.append([path, *arguments])
        if "plan" in arguments:
            return 0, [plan(self.machine, self.wish).to_json()]
        self.changes.append(f"run {PureWindowsPath(path).name} {arguments[-1]}")
        failed = any(word in " ".join([path, *arguments]) for word in self.breaks)
        if "--install-service" in arguments and not failed:
            self.services.setdefault("Photowarden", "Stopped")
        return (7 if failed else 0), ["done"]

    def cmdlet(self, name: str, named: dict[str, Any], rest: list[Any], piped: list[Any]) -> Any:
        """Run a cmdlet; one that changes something notes it, and never under `-WhatIf`."""
        if name in _QUIET:
            return None
        if name in {"Write-Host", "Write-Output"}:
            self.said.append(str(rest[0]))
            return rest[0] if name == "Write-Output" else None
        method = getattr(self, "_" + name.lower().replace("-", "_"))
        return method(named, piped)

    def _changed(self, cmdlet: str, path: str) -> None:
        if self.what_if:
            raise AssertionError(f"{cmdlet} {path} under -WhatIf")
        self.changes.append(f"{cmdlet} {path}")

    # Reading

    def _join_path(self, named: dict[str, Any], _piped: list[Any]) -> str:
        return str(PureWindowsPath(named["path"]) / named["childpath"])

    def _get_date(self, _named: dict[str, Any], _piped: list[Any]) -> str:
        return "20261124-090000"

    def _convertfrom_json(self, _named: dict[str, Any], piped: list[Any]) -> Any:
        return json.loads("".join(piped))

    def _test_path(self, named: dict[str, Any], _piped: list[Any]) -> bool:
        path = named["literalpath"]
        there = path in (self.keys if path.startswith("HKLM:") else self.files)
        kind = named.get("pathtype")
        return there and (kind is None or (self.files[path] is None) == (kind == "Container"))

    def _get_childitem(self, named: dict[str, Any], _piped: list[Any]) -> list[Any]:
        path = named.get("path") or named["literalpath"]
        if path.startswith("HKLM:"):
            below = [k for k in self.keys if k.rpartition("\\")[0] == path]
            return [{"PSChildName": key.rpartition("\\")[2]} for key in below]
        folder, _, pattern = path.rpartition("\\")
        if "filter" in named:
            folder, pattern = path, named["filter"]
        found = [
            p for p in self.files if p.startswith(folder) and PureWindowsPath(p).match(pattern)
        ]
        return [{"FullName": p} for p in found]

    def _get_itemproperty(self, named: dict[str, Any], _piped: list[Any]) -> Any:
        return self.keys.get(named["path"])

    def _get_content(self, named: dict[str, Any], _piped: list[Any]) -> Any:
        return self.files[named["literalpath"]].splitlines()

    def _get_filehash(self, named: dict[str, Any], _piped: list[Any]) -> dict[str, str]:
        return {"Hash": hashlib.sha256(self.files[named["literalpath"]]).hexdigest().upper()}

    def _get_authenticodesignature(self, _named: dict[str, Any], _piped: list[Any]) -> Any:
        return {"Status": self.signature}

    def _get_service(self, named: dict[str, Any], _piped: list[Any]) -> Any:
        status = self.services.get(named["name"])
        if status is None and "erroraction" not in named:
            raise ShellError("Cannot find any service")
        return None if status is None else {"Status": status}

    # Changing

    def _new_item(self, named: dict[str, Any], _piped: list[Any]) -> None:
        path = named["path"]
        self._changed("New-Item", path)
        if path.startswith("HKLM:"):
            self.keys[path] = {}
        elif named.get("itemtype") == "Directory":
            if self.files.get(path, None) is not None:
                raise ShellError("there is a file of that name")
            self.files[path] = None
        elif path in self.files and not named.get("force"):
            raise ShellError(f"The file '{path}' already exists.")
        else:
            self.files[path] = b""

    def _remove_item(self, named: dict[str, Any], _piped: list[Any]) -> None:
        path = named["literalpath"]
        self._changed("Remove-Item", path)
        for held in (self.files, self.keys):
            for one in [p for p in held if p == path or p.startswith(path + "\\")]:
                del held[one]

    def _set_content(self, named: dict[str, Any], _piped: list[Any]) -> None:
        assert named["encoding"] == "Ascii"
        self._changed("Set-Content", named["literalpath"])
        value = named["value"]
        self.files[named["literalpath"]] = value if isinstance(value, list) else [value]

    def _move_item(self, named: dict[str, Any], _piped: list[Any]) -> None:
        self._changed("Move-Item", named["destination"])
        self.files[named["destination"]] = self.files.pop(named["literalpath"])

    def _set_itemproperty(self, named: dict[str, Any], _piped: list[Any]) -> None:
        self._changed("Set-ItemProperty", named["literalpath"])
        self.keys[named["literalpath"]][named["name"]] = named["value"]

    def _start_service(self, named: dict[str, Any], _piped: list[Any]) -> None:
        self._changed("Start-Service", named["name"])
        if named["name"] not in self.services or self.stuck == self.current():
            raise ShellError("Service 'Photowarden' cannot be started.")
        self.services[named["name"]] = "Running"

    def current(self) -> str | None:
        """Return the line of `current.txt`."""
        lines = self.files.get(str(PROGRAM / "current.txt"))
        return lines[0] if lines else None

    def _stop_service(self, named: dict[str, Any], _piped: list[Any]) -> None:
        self._changed("Stop-Service", named["name"])
        self.services[named["name"]] = "Stopped"

    def _start_transcript(self, named: dict[str, Any], _piped: list[Any]) -> None:
        self._changed("Start-Transcript", named["literalpath"])

    def _stop_transcript(self, _named: dict[str, Any], _piped: list[Any]) -> None:
        self.changes.append("Stop-Transcript")
