# SPDX-License-Identifier: Apache-2.0
"""Carry out a plan as `install.ps1` does, with the standard library alone; for tests.

Runs under the Windows Python for real, and anywhere as a recorder. What `install.ps1` does for a
kind of step and what is done here must be the same; the boundary's test compares kinds and fields.

    python executor.py PLAN.json [--without sc.exe ...]
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Step = dict[str, Any]


def take_lock(step: Step) -> None:
    with Path(step["path"]).open("x", encoding="ascii"):
        pass


def make_folder(step: Step) -> None:
    Path(step["path"]).mkdir(parents=True, exist_ok=True)


def remove_folder(step: Step) -> None:
    if Path(step["path"]).exists():
        shutil.rmtree(step["path"])


def remove_file(step: Step) -> None:
    Path(step["path"]).unlink(missing_ok=True)


def write_text(step: Step) -> None:
    beside = Path(step["path"] + ".new")
    beside.write_text("".join(f"{line}\r\n" for line in step["lines"]), "ascii", newline="")
    beside.replace(step["path"])


def run(step: Step) -> None:
    done = subprocess.run(
        [step["program"], *step["arguments"]],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode not in (0, *step["accept"]):
        told = (done.stdout + done.stderr).decode("utf-8", "replace")
        raise RuntimeError(f"{step['program']} ended with {done.returncode}: {told[-1500:]}")


def set_registry(step: Step) -> None:
    registry: Any = __import__("winreg")
    with registry.CreateKey(registry.HKEY_LOCAL_MACHINE, _below_machine(step["key"])) as key:
        registry.SetValueEx(key, step["name"], 0, registry.REG_SZ, step["value"])


def remove_registry(step: Step) -> None:
    registry: Any = __import__("winreg")
    try:
        registry.DeleteKey(registry.HKEY_LOCAL_MACHINE, _below_machine(step["key"]))
    except FileNotFoundError:
        return


def stop_service(step: Step) -> None:
    if service_state(step["service"]) == "STOPPED":
        return
    subprocess.run(["sc.exe", "stop", step["service"]], capture_output=True, check=False)
    _wait_for(step, "STOPPED", step["seconds"])


def start_service(step: Step) -> None:
    subprocess.run(["sc.exe", "start", step["service"]], capture_output=True, check=False)
    _wait_for(step, "RUNNING", step["seconds"])
    time.sleep(min(step["steady"], 1))
    _wait_for(step, "RUNNING", 1)


EXECUTORS: dict[str, Callable[[Step], None]] = {
    function.__name__: function
    for function in (
        *(take_lock, make_folder, remove_folder, remove_file, write_text, run),
        *(set_registry, remove_registry, stop_service, start_service),
    )
}


def service_state(service: str) -> str:
    """Return a service's state as sc.exe says it; an absent one counts as stopped."""
    done = subprocess.run(["sc.exe", "query", service], capture_output=True, check=False)
    words = done.stdout.decode("utf-8", "replace").split()
    states = ("STOPPED", "START_PENDING", "STOP_PENDING", "RUNNING")
    return next((word for word in words if word in states), "STOPPED")


def carry_out(plan: dict[str, Any], execute: Callable[[Step], None]) -> int:
    """Carry out a plan; return the exit code, as `install.ps1` would."""
    locked = not any(step["do"] == "take_lock" for step in plan["steps"])
    try:
        for number, step in enumerate(plan["steps"]):
            try:
                execute(step)
            except Exception as error:  # noqa: BLE001 - whatever fails is taken back
                sys.stdout.write(f"step {number} ({step['do']}) failed: {error}\n")
                for back in plan["back"] if number >= plan["back_from"] else ():
                    execute(back)
                return 1603 if locked else 1618
            locked = locked or step["do"] == "take_lock"
        return int(plan["exit"])
    finally:
        for step in plan["afterwards"] if locked else ():
            execute(step)


def _below_machine(key: str) -> str:
    return key.partition(":\\")[2]


def _wait_for(step: Step, state: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while service_state(step["service"]) != state:
        if time.monotonic() > deadline:
            raise RuntimeError(f"the service is {service_state(step['service'])}, not {state}")
        time.sleep(0.2)


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text("ascii"))

    def told(step: Step) -> None:
        started = time.monotonic()
        EXECUTORS[step["do"]](step)
        took = time.monotonic() - started
        sys.stdout.write(f"{step['do']} {step['target']} ({took:.1f} s)\n")

    sys.exit(carry_out(plan, told) % 256)


if __name__ == "__main__":
    main()
