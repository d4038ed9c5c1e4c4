# SPDX-License-Identifier: Apache-2.0
"""The steps of each way: install, uninstall, demonstrate.

Order of an installation: lay the new version beside the old one; write its last file; prepare the
site's rights; stop; switch; register; start and wait; write the mark that Intune looks for; take
older versions away. Whatever fails before "stop" leaves the old version running; whatever fails
from there on is taken back.

Boundary: pure.
"""

from collections.abc import Iterator
from pathlib import PureWindowsPath
from typing import Final

from service.windows import access
from service.windows.facts import Machine, Service, Verb, Wish
from service.windows.layout import (
    CURRENT,
    EVENT_SOURCE,
    LOCK,
    REGISTRY,
    SERVICE,
    VERSION_VALUE,
    WHOLE,
    Layout,
)
from service.windows.reasons import DONE
from service.windows.steps import (
    MakeFolder,
    Plan,
    RemoveFile,
    RemoveFolder,
    RemoveRegistry,
    Run,
    SetRegistry,
    StartService,
    Step,
    StopService,
    TakeLock,
    WriteText,
)

_SERVICE_ABSENT: Final = 1060
_STOP_SECONDS: Final = 120
_START_SECONDS: Final = 60
_STEADY_SECONDS: Final = 5
_PIP: Final = ("-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-q")


def install(machine: Machine, wish: Wish, state: str) -> Plan:
    """Return the steps that bring this version into use."""
    there = state == "unregistered" and wish.verb is not Verb.REPAIR and machine.current
    folder = PureWindowsPath(there) if there else _new_folder(machine, wish.package.version)
    laid = () if there else _laid(machine, wish, folder)
    laying = (*_lock(machine, wish.layout), *laid, *_site_rights(machine, wish))
    switching = tuple(_switched(machine, wish, folder))
    tidying = tuple(_tidied(machine, wish, folder))
    return Plan(
        verb=wish.verb.value,
        state=state,
        code="install.done" if machine.site.present else "install.no_site",
        exit=DONE,
        message=f"Photowarden {wish.package.version} is installed.",
        remedy="" if machine.site.present else _NO_SITE.format(wish.layout.site),
        steps=(*laying, *switching, *tidying),
        back_from=len(laying),
        back=tuple(_back(machine, wish, folder)),
        afterwards=(_unlock(wish.layout),),
    )


_NO_SITE: Final = (
    "There is no site yet. Make one in {} with `photowarden init`, or copy the one that was made "
    "for this computer; then run this again with -Repair."
)


def uninstall(machine: Machine, wish: Wish, state: str) -> Plan:
    """Return the steps that take the program away; the site stays unless it is to be purged."""
    layout = wish.layout
    purge = tuple(_purged(wish)) if wish.purge else ()
    program = str(layout.program)
    steps: tuple[Step, ...] = (
        *_lock(machine, layout),
        *(() if machine.service is Service.ABSENT else (_stop(), _forget_service())),
        RemoveRegistry(target=EVENT_SOURCE, action="Remove the Event Log source", key=EVENT_SOURCE),
        *purge,
        RemoveFolder(target=program, action="Remove the program", path=program),
        RemoveRegistry(target=REGISTRY, action="Remove the mark of the version", key=REGISTRY),
    )
    if state == "fresh" and not purge:
        steps = ()
    kept = "Settings and keys of the site were deleted." if purge else "The site stays as it is."
    return Plan(
        verb=wish.verb.value,
        state=state,
        code="uninstall.done",
        exit=DONE,
        message=f"Photowarden is not installed here any more. {kept}",
        steps=steps,
        back_from=len(steps),
        afterwards=(_unlock(layout),) if steps else (),
    )


def demo(machine: Machine, wish: Wish) -> Plan:
    """Return the steps that run the demonstration in a folder of its own and remove it."""
    folder = wish.temporary / "photowarden-demo"
    python = folder / "Scripts" / "python.exe"
    where = str(folder)
    steps: tuple[Step, ...] = (
        RemoveFolder(target=where, action="Remove an earlier demonstration", path=where),
        _run("Make a Python environment", machine.python.path, "-I", "-m", "venv", where),
        *_packages(wish, python, ()),
        _run("Run the demonstration", folder / "Scripts" / "photowarden.exe", "demo"),
    )
    gone = RemoveFolder(target=where, action="Remove the demonstration", path=where)
    return Plan(
        verb=wish.verb.value,
        state="demo",
        code="demo.done",
        exit=DONE,
        message="The demonstration is over. Nothing of it is left.",
        steps=steps,
        back_from=len(steps),
        afterwards=(gone,),
    )


def _new_folder(machine: Machine, version: str) -> PureWindowsPath:
    """Return the name of a version folder that is not there yet."""
    number = 1
    while f"{version}-{number}" in machine.folders:
        number += 1
    return PureWindowsPath(f"{version}-{number}")


def _lock(machine: Machine, layout: Layout) -> tuple[Step, ...]:
    program, path = str(layout.program), str(layout.program / LOCK)
    left = RemoveFile(target=path, action="Forget an installation that was cut short", path=path)
    return (
        MakeFolder(target=program, action="Make the program folder", path=program),
        *((left,) if machine.stale_lock else ()),
        TakeLock(target=path, action="Keep other installations out", path=path),
    )


def _unlock(layout: Layout) -> Step:
    path = str(layout.program / LOCK)
    return RemoveFile(target=path, action="Let other installations in", path=path)


def _laid(machine: Machine, wish: Wish, folder: PureWindowsPath) -> Iterator[Step]:
    """Yield the steps that lay the new version beside the one in use."""
    layout, new = wish.layout, wish.layout.versions / folder
    for name, whole in sorted(machine.folders.items()):
        if not whole:
            half = str(layout.versions / name)
            yield RemoveFolder(target=half, action="Remove a half-made version", path=half)
    yield MakeFolder(target=str(new), action="Make the version folder", path=str(new))
    yield from _packages(wish, machine.python.path, ("--target", str(new)))
    yield _text(layout.launcher, "Write the launcher", *wish.launcher)
    yield _text(layout.command, "Write the command", *_command(machine.python.path, layout))
    said = (wish.package.version, str(machine.python.path))
    yield _text(new / WHOLE, "Say that the version is whole", *said)


def _packages(wish: Wish, python: PureWindowsPath, where: tuple[str, ...]) -> Iterator[Step]:
    """Yield the two installations: what we need, by its digests; then the program itself."""
    package = wish.package
    offline = () if package.wheels is None else ("--no-index", "-f", str(package.wheels))
    hashed = (*_PIP, "--require-hashes", "--only-binary=:all:")
    words = (*offline, *where, "-r", str(package.lock))
    yield _run("Install the packages of the lock file, by their digests", python, *hashed, *words)
    if package.absent and package.checkout is not None:
        source = str(package.checkout)
        yield _run("Install Photowarden from its source", python, *_PIP, "--no-deps", source)
        return
    own = ("--no-index", "--no-deps", "-f", str(package.wheel.parent), *where)
    yield _run(
        "Install Photowarden, by its digest", python, *hashed, *own, "-r", str(package.release_lock)
    )


def _command(python: PureWindowsPath, layout: Layout) -> tuple[str, ...]:
    return ("@echo off", f'"{python}" -I -S "{layout.launcher}" %*')


def _site_rights(machine: Machine, wish: Wish) -> Iterator[Step]:
    """Yield the steps that make the site's folder nobody else's business."""
    site = wish.layout.site
    where = str(site)
    yield MakeFolder(target=where, action="Make the folder for the site", path=where)
    yield _icacls("Make administrators its owner", site, access.owner_words())
    facts = machine.site
    wanted = list(access.site_rights(site, facts.imports))
    if facts.vault is not None and facts.vault.drive.endswith(":"):
        wanted.append(access.vault_rights(facts.vault))
    inside = {site / name for name in facts.folders} | {site, facts.vault, *facts.imports}
    for folder, words in wanted:
        if folder in inside:
            yield _icacls("Give the rights that are needed, and no others", folder, words)


def _switched(machine: Machine, wish: Wish, folder: PureWindowsPath) -> Iterator[Step]:
    """Yield the steps from the old version to the new one."""
    layout = wish.layout
    yield _stop()
    yield _text(layout.program / CURRENT, "Switch to the new version", str(folder))
    if machine.site.present:
        yield _register(machine.python.path, layout)
        yield _start()


def _tidied(machine: Machine, wish: Wish, folder: PureWindowsPath) -> Iterator[Step]:
    """Yield the steps after the new version runs: the mark, and older versions but the last."""
    yield SetRegistry(
        target=REGISTRY,
        action="Say which version is installed",
        key=REGISTRY,
        name=VERSION_VALUE,
        value=wish.package.version,
    )
    for name, whole in sorted(machine.folders.items()):
        if whole and name not in (machine.current, str(folder)):
            older = str(wish.layout.versions / name)
            yield RemoveFolder(target=older, action="Remove an older version", path=older)


def _back(machine: Machine, wish: Wish, folder: PureWindowsPath) -> Iterator[Step]:
    """Yield the steps back to what was before the switch."""
    layout = wish.layout
    current = layout.program / CURRENT
    yield _stop()
    if machine.current is not None and machine.folders.get(machine.current, False):
        python = machine.current_python or machine.python.path
        yield _text(current, "Switch back to the old version", machine.current)
        yield _text(layout.command, "Write the command as it was", *_command(python, layout))
        if machine.service is not Service.ABSENT:
            yield _register(python, layout)
            yield _start()
    else:
        yield _forget_service()
        yield RemoveFile(target=str(current), action="Undo the switch", path=str(current))
    new = str(layout.versions / folder)
    if machine.current == str(folder):
        return
    yield RemoveFolder(target=new, action="Remove the version that failed", path=new)


def _purged(wish: Wish) -> Iterator[Step]:
    """Yield the steps that delete the station's own part of the site, never pictures."""
    site = wish.layout.site
    for name in ("state", "keys"):
        path = str(site / name)
        yield RemoveFolder(target=path, action="Delete the station's records and keys", path=path)
    for name in ("station.toml", "policy.toml"):
        path = str(site / name)
        yield RemoveFile(target=path, action="Delete the settings", path=path)


def _register(python: PureWindowsPath, layout: Layout) -> Step:
    words = ("-I", "-S", str(layout.launcher), "--install-service", str(layout.site))
    return _run("Register the service", python, *words)


def _forget_service() -> Step:
    words = ("delete", SERVICE)
    return Run(
        target="sc.exe",
        action=f"Remove the service {SERVICE}",
        program="sc.exe",
        arguments=words,
        accept=(_SERVICE_ABSENT,),
    )


def _stop() -> Step:
    return StopService(
        target=SERVICE, action="Stop the service", service=SERVICE, seconds=_STOP_SECONDS
    )


def _start() -> Step:
    return StartService(
        target=SERVICE,
        action="Start the service and wait until it runs",
        service=SERVICE,
        seconds=_START_SECONDS,
        steady=_STEADY_SECONDS,
    )


def _text(path: PureWindowsPath, action: str, *lines: str) -> Step:
    return WriteText(target=str(path), action=action, path=str(path), lines=lines)


def _icacls(action: str, path: PureWindowsPath, words: tuple[str, ...]) -> Step:
    return Run(target=str(path), action=action, program="icacls.exe", arguments=(str(path), *words))


def _run(action: str, program: PureWindowsPath, *words: str) -> Step:
    return Run(target=str(program), action=action, program=str(program), arguments=words)
