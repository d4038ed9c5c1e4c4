# SPDX-License-Identifier: Apache-2.0
"""`photowarden doctor`: what is wrong and what to do, in sentences; a bundle for who helps."""

from pathlib import Path
from typing import Final

import click

from agent.cli.common import as_owner, chosen_folder, json_option, print_json, site_option
from agent.core.bundle import Plain
from agent.core.errors import AgentError, ConfigurationError
from agent.core.troubles import Trouble, Urgency
from agent.doctor import Finding
from service.hosts import ServiceStatus, Standing

_INTEGRITY: Final = frozenset(
    {
        Trouble.JOURNAL_DAMAGED,
        Trouble.LEDGER_DAMAGED,
        Trouble.LEDGER_DIFFERS,
        Trouble.REGISTER_UNTRUSTED,
        Trouble.REGISTER_ROLLED_BACK,
        Trouble.STATION_UNTRUSTED,
    }
)
_UNAVAILABLE: Final = frozenset({Trouble.VAULT_AWAY, Trouble.DISK_FULL, Trouble.BACKLOG})


@click.command()
@site_option
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write codes, counts and versions for who helps into this new file; no name, no path.",
)
@json_option
@click.pass_context
def doctor(
    context: click.Context,
    site_folder: Path | None,
    bundle: Path | None,
    as_json: bool,  # noqa: FBT001 - click
) -> None:
    """Say what is wrong with this computer and what to do. Nothing is changed.

    As administrator it looks with the rights of the service's account. Ends with 0 where nothing
    needs doing, 2 for settings and rights, 3 for what is away or full, 4 where records disagree.
    """
    from agent import diagnostics  # noqa: PLC0415 - with as_owner, which must come first
    from agent import doctor as looks  # noqa: PLC0415 - the same

    folder = chosen_folder(site_folder)
    service = _service()
    with as_owner(folder):
        findings = [*looks.examine(folder), *_of_service(service, _is_working(folder))]
        told = diagnostics.bundle_of(folder, findings, _plain(service)) if bundle else ""
    findings.sort(key=lambda finding: -finding.trouble.urgency)
    if bundle is not None:
        _write(bundle, told)
    _tell(findings, as_json=as_json)
    context.exit(_exit_code(findings))


def _service() -> ServiceStatus | None:
    """Return how the service stands; None where this system's keeper cannot be asked."""
    from service.this_host import host_of_this_system  # noqa: PLC0415 - one use

    try:
        return host_of_this_system().status()
    except AgentError:
        return None


def _is_working(folder: Path) -> bool:
    from agent import bootstrap  # noqa: PLC0415 - one use
    from agent.doctor import is_working  # noqa: PLC0415 - one use

    try:
        return is_working(bootstrap.load_site(folder))
    except AgentError:
        return False


def _of_service(service: ServiceStatus | None, working: bool) -> list[Finding]:  # noqa: FBT001 - a fact
    found = []
    standing = service.standing if service else Standing.ABSENT
    if standing is Standing.ABSENT:
        found.append(Trouble.SERVICE_ABSENT)
    elif standing is Standing.STOPPED:
        found.append(Trouble.SERVICE_STOPPED)
    if service and standing is not Standing.ABSENT and not service.at_boot:
        found.append(Trouble.SERVICE_MANUAL)
    if working and standing in (Standing.ABSENT, Standing.STOPPED):
        found.append(Trouble.AGENT_ELSEWHERE)
    return [Finding(trouble) for trouble in found]


def _plain(service: ServiceStatus | None) -> dict[str, Plain]:
    """Return what the bundle tells of the service; not its account, which may be a person's."""
    if service is None:
        return {"service": "unknown"}
    return {
        "service": service.standing.value,
        "service_at_boot": service.at_boot,
        "service_exit_code": service.exit_code,
    }


def _tell(findings: list[Finding], *, as_json: bool) -> None:
    if as_json:
        print_json({"troubles": [_told(finding) for finding in findings]})
        return
    for finding in findings:
        trouble = finding.trouble
        where = f" (station {finding.station[:6]})" if finding.station else ""
        click.echo(f"{Urgency(trouble.urgency).name:5}{trouble.sentence}{where}")
        click.echo(f"     {trouble.remedy}")
        click.echo(f"     code: {trouble.code}")
    if not findings:
        click.echo("Nothing is wrong.")


def _told(finding: Finding) -> dict[str, str]:
    trouble = finding.trouble
    return {
        "code": trouble.code,
        "urgency": Urgency(trouble.urgency).name.lower(),
        "station": finding.station,
        "sentence": trouble.sentence,
        "remedy": trouble.remedy,
    }


def _exit_code(findings: list[Finding]) -> int:
    pressing = {f.trouble for f in findings if f.trouble.urgency > Urgency.NOTE}
    if pressing & _INTEGRITY:
        return 4
    if pressing & _UNAVAILABLE:
        return 3
    return 2 if pressing else 0


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="ascii", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise ConfigurationError(
            "the file for the bundle is there already",
            code="doctor.exists",
            remedy="Choose a new file name for --bundle.",
        ) from error
