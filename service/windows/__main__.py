# SPDX-License-Identifier: Apache-2.0
"""`python -m service.windows plan`: say what an installation would do; it changes nothing.

Runs out of the wheel file before anything is installed, hence argparse: the standard library only.
`bundle` makes the release folder that `install.ps1` installs from.
"""

import argparse
import re
import sys
import tempfile
from importlib.resources import files
from pathlib import Path, PureWindowsPath

from service.windows import machine, planning
from service.windows.facts import Package, Verb, Wish
from service.windows.layout import PROGRAM_FOLDER, Layout
from service.windows.steps import Plan

_WHEEL = re.compile(r"photowarden-([0-9][^-]*)-py3-none-any\.whl")
_OUR_WHEELS = "photowarden-*.whl"
_LOCK = "requirements.lock"
_RELEASE_LOCK = "release.lock"


def main(words: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(words)
    if options.command == "bundle":
        from service.windows.bundle import bundle  # noqa: PLC0415 - not in the planning's way

        return bundle(options.checkout, options.out, online=options.online)
    layout = _layout(options)
    wish = Wish(
        verb=Verb(options.verb),
        layout=layout,
        package=look_at_package(options.package, options.wheels),
        launcher=launcher_lines(),
        purge=options.purge,
        signature=options.signature,
        temporary=PureWindowsPath(tempfile.gettempdir()),
    )
    decided = planning.plan(machine.look(layout), wish)
    sys.stdout.write((decided.to_json() if options.json else _told(decided)) + "\n")
    return 0


def launcher_lines() -> tuple[str, ...]:
    """Return the lines of the launcher that belongs to this version."""
    text = files("service.windows").joinpath("launch.py").read_text("ascii")
    return tuple(text.splitlines())


def look_at_package(folder: Path, wheels: Path | None) -> Package:
    """Return what the release folder holds, and the first thing that it lacks."""
    own = folder / PROGRAM_FOLDER
    wheel = next(iter(sorted(own.glob(_OUR_WHEELS))), own / _OUR_WHEELS)
    named = _WHEEL.fullmatch(wheel.name)
    needed = [folder / _LOCK, folder / _RELEASE_LOCK, *([] if wheels is None else [wheels])]
    absent = [path.name for path in needed if not path.exists()]
    names = [] if wheels is None else [path.name for path in wheels.glob("*.whl")]
    checkout = PureWindowsPath(folder) if (folder / "pyproject.toml").is_file() else None
    return Package(
        checkout=checkout,
        version=named.group(1) if named else "",
        wheel=PureWindowsPath(wheel),
        release_lock=PureWindowsPath(folder / _RELEASE_LOCK),
        lock=PureWindowsPath(folder / _LOCK),
        wheels=None if wheels is None else PureWindowsPath(wheels),
        tags=frozenset(tag for name in names for tag in re.findall(r"-(cp\d+)-cp\d+-", name)),
        absent="" if named and not absent else (absent[0] if named else _OUR_WHEELS),
    )


def _layout(options: argparse.Namespace) -> Layout:
    usual = machine.default_layout()
    return Layout(
        program=PureWindowsPath(options.program or usual.program),
        site=PureWindowsPath(options.site or usual.site),
    )


def _told(plan: Plan) -> str:
    """Return the plan for people."""
    lines = [f"{plan.verb}: {plan.state} ({plan.code}, exit code {plan.exit})"]
    lines += [
        f"  {number}. {step.action}: {step.target}" for number, step in enumerate(plan.steps, 1)
    ]
    return "\n".join([*lines, plan.message, plan.remedy]).strip()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m service.windows", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    plan = commands.add_parser("plan", help="say what an installation would do")
    plan.add_argument("--json", action="store_true", help="one line of JSON, for install.ps1")
    plan.add_argument("--verb", required=True, choices=[verb.value for verb in Verb])
    plan.add_argument("--package", required=True, type=Path, help="the release folder")
    plan.add_argument("--wheels", type=Path, help="a folder with all wheels: no internet is used")
    plan.add_argument("--purge", action="store_true", help="with uninstall: delete the site too")
    plan.add_argument("--signature", default="", help="what Windows says of python.exe")
    plan.add_argument("--program", help="the program folder; default: below %%ProgramFiles%%")
    plan.add_argument("--site", help="the site's folder; default: below %%ProgramData%%")
    bundle = commands.add_parser("bundle", help="make the release folder from a checkout")
    bundle.add_argument("out", type=Path, help="a folder that is not there yet")
    bundle.add_argument("--checkout", type=Path, default=Path(), help="the checkout; default: here")
    bundle.add_argument("--online", action="store_true", help="leave out the wheels")
    return parser


if __name__ == "__main__":
    sys.exit(main())
