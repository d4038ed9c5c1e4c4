# SPDX-License-Identifier: Apache-2.0
"""Gather the diagnostics bundle: counts, codes and versions (`agent.core.bundle`)."""

import platform
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from agent import bootstrap, stations
from agent.bootstrap import Site
from agent.core.bundle import FORMAT, PACKAGES, Plain, bundle_text
from agent.core.errors import AgentError
from agent.core.health import Health
from agent.doctor import Finding, is_working
from agent.heartbeat import program_version

_NUMBERS = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,5}){0,3}")


def bundle_of(folder: Path, findings: Iterable[Finding], service: Mapping[str, Plain]) -> str:
    """Return the bundle of a site; what cannot be read is left out, its trouble is in the list."""
    return bundle_text(
        {
            "format": FORMAT,
            "program": program_version(),
            "python": _numbers(platform.python_version()),
            "system": sys.platform,
            "system_version": _numbers(platform.release()),
            "packages": _packages(),
            "troubles": list[Plain](sorted({finding.trouble.code for finding in findings})),
            **service,
            **_of_site(folder),
        }
    )


def _of_site(folder: Path) -> dict[str, Plain]:
    try:
        site = bootstrap.load_site(folder)
    except AgentError:
        return {}
    moment = bootstrap.clock_of(site).now()
    imports = site.station.imports
    return {
        "at": moment.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "rehearsal": site.station.rehearsal,
        "counts_faces": site.policy_settings.count_faces,
        "import_folders": len(imports),
        "keeps_originals": sum(one.originals == "keep" for one in imports),
        "working": is_working(site),
        **_of_records(site),
        **_of_health(site),
    }


def _of_records(site: Site) -> dict[str, Plain]:
    try:
        with bootstrap.open_journal(site) as journal:
            records = list(journal.all())
        with bootstrap.open_ledger(site, read_only=True) as ledger:
            entries = ledger.size()
    except AgentError:
        return {}
    concerns = Counter(c.code for record in records for c in record.ruling.concerns)
    return {
        "verdicts": dict(Counter(record.ruling.verdict.name for record in records)),
        "concerns": dict(concerns),
        "kinds": dict(Counter(record.kind for record in records)),
        "states": dict(Counter(record.state.value for record in records)),
        "ledger_entries": entries,
    }


def _of_health(site: Site) -> dict[str, Plain]:
    try:
        health, known = stations.own_health(site), len(stations.heard_of(site))
    except AgentError:
        return {}
    if not isinstance(health, Health):
        return {"stations": known}
    until = health.register_until
    return {
        "stations": known,
        "register_version": health.register_version,
        "register_days_left": None if until is None else (until - health.at).days,
        "free_mebibytes": health.free_mebibytes,
    }


def _packages() -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    for name in PACKAGES:
        try:
            found[name] = _numbers(version(name))
        except PackageNotFoundError:
            continue
    return found


def _numbers(text: str) -> str:
    """Return the numbers that a version begins with; the rest may be somebody's own words."""
    found = _NUMBERS.match(text)
    return found.group() if found else "0"
