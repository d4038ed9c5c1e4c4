# SPDX-License-Identifier: Apache-2.0
"""The life of an installation on Windows, in one session; runs under the Windows Python.

    python story.py RELEASE WHEELS IMPORT_FOLDER PICTURE REGISTER_CSV

Prints one JSON object: what was seen at each stage. It judges nothing; the test that starts it
does. Standard library only, beside the executor.
"""

import json
import shutil
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import executor

PROGRAM = Path(r"C:\Program Files\Photowarden")
SITE = Path(r"C:\ProgramData\Photowarden")
_FROM_WHEEL = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); import runpy; "
    "runpy.run_module('service.windows', run_name='__main__', alter_sys=True)"
)


def ran(*words: str) -> tuple[int, str, str]:
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return (
        done.returncode,
        done.stdout.decode("utf-8", "replace"),
        done.stderr.decode("utf-8", "replace"),
    )


def photowarden(*words: str) -> tuple[int, str, str]:
    return ran(sys.executable, "-I", "-S", str(PROGRAM / "launch.py"), *words)


def plan(release: Path, wheels: str, verb: str, *words: str) -> dict[str, Any]:
    wheel = str(next((release / "program").glob("*.whl")))
    chosen = ("--verb", verb, "--package", str(release), "--wheels", wheels, *words)
    code, out, err = ran(
        sys.executable, "-I", "-B", "-c", _FROM_WHEEL, wheel, "plan", "--json", *chosen
    )
    if code != 0:
        raise RuntimeError(err)
    told: dict[str, Any] = json.loads(out)
    return told


def mend_for_wine() -> None:
    """Give numpy the arithmetic that Wine lacks, as `wine_python` does; Windows has it."""
    for path in (PROGRAM / "versions").rglob("*"):
        if path.suffix in (".pyd", ".dll"):
            content = path.read_bytes()
            if b"api-ms-win-crt-math" in content:
                path.write_bytes(content.replace(b"api-ms-win-crt-math", b"our-ms-win-crt-math"))


def carried_out(decided: dict[str, Any]) -> tuple[int, list[str]]:
    done: list[str] = []

    def execute(step: dict[str, Any]) -> None:
        executor.EXECUTORS[step["do"]](step)
        done.append(step["do"])

    return executor.carry_out(decided, execute), done


def prepare_site(imports: Path, register: str) -> dict[str, Any]:
    secret = Path(r"C:\passphrase.txt")
    secret.write_text("four words at random\n")
    made = photowarden(
        *("init", str(SITE), "--school", "Larkfield", "--passphrase-file", str(secret)),
        *("--recovery-out", r"C:\recovery.txt"),
    )
    settings = SITE / "station.toml"
    text = settings.read_text("utf-8")
    text = text.replace('path = "import"', f"path = '{imports}'").replace(
        "settle_seconds = 3.0", "settle_seconds = 0.5"
    )
    settings.write_text(text, "utf-8", newline="\n")
    published = photowarden("register", "publish", "--from", register, "--site", str(SITE))
    return {"init": made, "published": published}


def worked(imports: Path, picture: str) -> dict[str, Any]:
    """Drop a picture and wait until the service has taken it away."""
    place = imports / "camera-1" / "3B" / "IMG_0001.JPG"
    place.parent.mkdir(parents=True)
    shutil.copy(picture, place)
    deadline = time.monotonic() + 90
    while place.exists() and time.monotonic() < deadline:
        time.sleep(0.5)
    return {
        "gone": not place.exists(),
        "state": executor.service_state("Photowarden"),
        "cases": photowarden("cases", "--json", "--site", str(SITE)),
    }


def kept() -> dict[str, Any]:
    log = SITE / "state" / "log" / "agent.log"
    return {
        "program": PROGRAM.exists(),
        "site": (SITE / "station.toml").exists(),
        "bodies": len([path for path in (SITE / "vault" / "bodies").rglob("*") if path.is_file()]),
        "log": log.read_text("utf-8") if log.exists() else "",
    }


def story(seen: dict[str, Any], release: Path, wheels: str, words: list[str]) -> None:
    imports, picture, register = Path(words[0]), words[1], words[2]
    fresh = plan(release, wheels, "install")
    seen["installed"] = (fresh["state"], *carried_out(fresh))
    mend_for_wine()
    seen["version"] = photowarden("--version")
    seen["site"] = prepare_site(imports, register)
    half = plan(release, wheels, "install")
    seen["serving"] = (half["state"], *carried_out(half))
    seen["detected"] = plan(release, wheels, "detect")
    seen["worked"] = worked(imports, picture)
    seen["again"] = plan(release, wheels, "install")
    purge = plan(release, wheels, "uninstall", "--purge")
    seen["purge"] = (purge["code"], purge["exit"], len(purge["steps"]))
    seen["explained"] = photowarden("service", "install", "--site", str(SITE), "--dry-run")
    seen["status"] = photowarden("service", "status", "--json")
    photowarden("service", "stop")
    seen["stopped"] = ran("sc.exe", "query", "Photowarden")
    seen["gone"] = photowarden("service", "uninstall", "--json")
    away = plan(release, wheels, "uninstall")
    seen["removed"] = (away["state"], *carried_out(away))
    seen["after"] = (plan(release, wheels, "detect")["code"], ran("sc.exe", "query", "Photowarden"))
    seen["kept"] = kept()


def main() -> None:
    seen: dict[str, Any] = {}
    try:
        story(seen, Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
    except Exception:  # noqa: BLE001 - the test shows it with what was seen before
        seen["failed"] = traceback.format_exc()
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main()
