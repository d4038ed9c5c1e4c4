# SPDX-License-Identifier: Apache-2.0
"""Decide what an installation does: what the machine is like and what is wished become a plan.

Nothing is overwritten in place: each installation lays a new version folder, and the switch is one
line in one file, so a power cut leaves the old version or the new one, and the way back is the
same switch. The site is never touched but for its rights; a purge takes it only when nothing would
be lost.

Boundary: pure; no file, no registry, no clock.
"""

import re
from collections.abc import Iterator
from typing import Final

from service.windows import routes
from service.windows.facts import Machine, Service, SiteFacts, Verb, Wish, installed
from service.windows.layout import Layout
from service.windows.reasons import DONE, NOT_DETECTED, REASONS
from service.windows.steps import Plan

_OLDEST_BUILD: Final = 17763
_OLDEST_PYTHON: Final = (3, 11)
_ROOM: Final = 1_000_000_000
_BAD_SIGNATURES: Final = frozenset({"HashMismatch", "NotTrusted"})


def plan(machine: Machine, wish: Wish) -> Plan:
    """Return the plan; one that refuses has no steps, and says why and what to do."""
    state = state_of(machine, wish.package.version)
    for code, found in _refusals(machine, wish, state):
        reason = REASONS[code]
        return Plan(
            verb=wish.verb.value,
            state=state,
            code=code,
            exit=reason.exit,
            message=reason.sentence.format(found),
            remedy=reason.remedy,
        )
    return _allowed(machine, wish, state)


def state_of(machine: Machine, version: str) -> str:
    """Return what is there, seen from this version.

    fresh, half_installed, older, newer, same, or unregistered: this version lies there whole, but
    its service or its mark is missing, as after the site was made.
    """
    present = installed(machine)
    if present is None:
        nothing = not machine.folders and machine.service is Service.ABSENT
        return "fresh" if nothing and machine.registered is None else "half_installed"
    if version_key(present) != version_key(version):
        return "older" if version_key(present) < version_key(version) else "newer"
    complete = machine.registered == present
    served = not machine.site.present or machine.service is not Service.ABSENT
    return "same" if complete and served else "unregistered"


def version_key(version: str) -> tuple[tuple[int, ...], str, int]:
    """Return a key that orders versions: 0.9 < 0.10rc1 < 0.10; what is no version comes first."""
    found = re.fullmatch(r"(\d+(?:\.\d+)*)(?:(a|b|rc)(\d+))?", version)
    if found is None:
        return ((), "", 0)
    release = tuple(int(part) for part in found.group(1).split("."))
    while release and release[-1] == 0:
        release = release[:-1]
    return release, found.group(2) or "z", int(found.group(3) or 0)


def _refusals(machine: Machine, wish: Wish, state: str) -> Iterator[tuple[str, object]]:
    """Yield what stands against the wish, the plainest first."""
    match wish.verb:
        case Verb.DETECT:
            return
        case Verb.DEMO:
            yield from _unfit(machine, wish)
        case Verb.UNINSTALL:
            yield from _busy(machine)
            if wish.purge:
                yield from _not_to_be_deleted(machine.site, wish.layout)
        case Verb.INSTALL | Verb.UPGRADE | Verb.REPAIR:
            yield from _busy(machine)
            yield from _unfit(machine, wish)
            yield from _out_of_place(machine, wish, state)


def _out_of_place(machine: Machine, wish: Wish, state: str) -> Iterator[tuple[str, object]]:
    site = machine.site
    checks = {
        "version.absent": (wish.verb is not Verb.INSTALL and state == "fresh", ""),
        "version.newer": (state == "newer", installed(machine)),
        "data.foreign": (site.foreign, ""),
        "place.mapped_drive": (site.mapped_drive, ""),
    }
    yield from ((code, found) for code, (stands, found) in checks.items() if stands)


def _busy(machine: Machine) -> Iterator[tuple[str, object]]:
    if not machine.administrator:
        yield "rights.missing", ""
    if machine.locked:
        yield "machine.installing", ""
    if machine.service is Service.PENDING:
        yield "machine.busy", ""


def _unfit(machine: Machine, wish: Wish) -> Iterator[tuple[str, object]]:
    python, package = machine.python, wish.package
    version = f"{python.version[0]}.{python.version[1]}"
    from_source = wish.verb is Verb.DEMO and package.checkout is not None
    tag = f"cp{python.version[0]}{python.version[1]}"
    checks = {
        "windows.too_old": (machine.build < _OLDEST_BUILD, machine.build),
        "python.too_old": (python.version < _OLDEST_PYTHON, version),
        "python.32_bit": (python.bits != 64, ""),  # noqa: PLR2004 - bits
        "python.virtual": (python.virtual and wish.verb is not Verb.DEMO, ""),
        "python.one_person": (python.one_person and wish.verb is not Verb.DEMO, ""),
        "python.signature": (wish.signature in _BAD_SIGNATURES, wish.signature),
        "package.missing": (bool(package.absent) and not from_source, package.absent),
        "package.other_python": (bool(package.tags) and tag not in package.tags, version),
        "disk.full": (machine.free_bytes < _ROOM, machine.free_bytes // 1_000_000),
    }
    yield from ((code, found) for code, (stands, found) in checks.items() if stands)


def _not_to_be_deleted(site: SiteFacts, layout: Layout) -> Iterator[tuple[str, object]]:
    """Yield what a purge would lose for ever."""
    if site.unfinished is None:
        yield "data.unreadable", ""
    elif site.unfinished:
        yield "data.unfinished", site.unfinished
    vault = site.vault
    if vault is not None and (vault == layout.site or layout.site in vault.parents):
        yield "data.vault_inside", ""
    if site.office_keys:
        yield "data.office_keys", ""


def _allowed(machine: Machine, wish: Wish, state: str) -> Plan:
    verb = wish.verb
    if verb is Verb.DETECT:
        return _detected(machine, wish, state)
    if verb is Verb.DEMO:
        return routes.demo(machine, wish)
    if verb is Verb.UNINSTALL:
        return routes.uninstall(machine, wish, state)
    if state == "same" and verb is not Verb.REPAIR:
        said = f"Version {wish.package.version} is installed already."
        return Plan(verb=verb.value, state=state, code="version.same", exit=DONE, message=said)
    return routes.install(machine, wish, state)


def _detected(machine: Machine, wish: Wish, state: str) -> Plan:
    """Say the version if it is this one or a newer one; without a release at hand, if it is whole.

    Intune takes exit code 0 with words as "there", and anything else as "not there".
    """
    wanted = {"same", "newer"} if wish.package.version else {"same", "newer", "older"}
    found = state in wanted
    code, number = ("detect.found", DONE) if found else ("detect.absent", NOT_DETECTED)
    message = (installed(machine) or "") if found else ""
    return Plan(verb=wish.verb.value, state=state, code=code, exit=number, message=message)
