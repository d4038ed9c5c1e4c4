# SPDX-License-Identifier: Apache-2.0
"""The service kept by systemd (protocol `service.hosts.Host`)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from agent.core.errors import ConfigurationError, UnavailableError
from service.belongings import Belongings, belongings_of, gifts
from service.hosts import ServiceStatus, Standing
from service.steps import Call, RemoveFile, Run, Step, WriteFile, carry_out, run_tool
from service.systemd.unit import ACCOUNT, UNIT, account_text, unit_text

_PROPERTIES: Final = "LoadState,ActiveState,UnitFileState,User,ExecMainStatus"
_STANDINGS: Final = {
    "active": Standing.RUNNING,
    "reloading": Standing.RUNNING,
    "activating": Standing.STARTING,
    "deactivating": Standing.STOPPING,
}


class SystemdHost:
    """Keep the service with `systemctl`; `root` is another place than / in tests only."""

    def __init__(
        self, account: str = ACCOUNT, run: Run = run_tool, root: Path = Path("/etc")
    ) -> None:
        self._account = account
        self._run = run
        self._unit = root / "systemd" / "system" / UNIT
        self._sysusers = root / "sysusers.d" / "photowarden.conf"

    def explain(self, site: Path) -> Sequence[str]:
        """Return, in sentences, what `install` would do to this computer; nothing is done."""
        has = belongings_of(site)
        return [*(step.told() for step in self._steps(has)), *self._asked(has)]

    def install(self, site: Path) -> None:
        """Register the service for a site, to start with the computer; what is there is renewed."""
        carry_out(self._steps(belongings_of(site)), self._run)

    def uninstall(self) -> None:
        """Stop the service and take it away; the site stays as it is, and so does the account."""
        steps: list[Step] = [
            Call(words=("systemctl", "disable", "--now", UNIT), quietly=True),
            RemoveFile(path=self._unit),
            Call(words=("systemctl", "daemon-reload")),
        ]
        carry_out(steps, self._run)

    def start(self) -> None:
        """Start the service and wait until it runs."""
        if self.status().standing is Standing.ABSENT:
            raise ConfigurationError(
                "the service is not installed",
                code="service.absent",
                remedy="Install it first: photowarden service install.",
            )
        carry_out([Call(words=("systemctl", "start", UNIT))], self._run)
        if self.status().standing is not Standing.RUNNING:
            raise UnavailableError(
                "the service did not stay up",
                code="service.not_running",
                remedy="Run photowarden doctor; the system's log (journalctl) has its last codes.",
            )

    def stop(self) -> None:
        """Stop the service and wait until it has finished the file at hand."""
        carry_out([Call(words=("systemctl", "stop", UNIT), quietly=True)], self._run)
        if self.status().standing not in (Standing.ABSENT, Standing.STOPPED):
            raise UnavailableError(
                "the service did not stop in time",
                code="service.not_stopped",
                remedy="Try again; a large recording may take minutes.",
            )

    def status(self) -> ServiceStatus:
        """Return how the service stands; never raises for an absent one."""
        said = self._run(("systemctl", "show", UNIT, f"--property={_PROPERTIES}")).stdout
        facts = dict(line.partition("=")[::2] for line in said.splitlines())
        if facts.get("LoadState") != "loaded":
            return ServiceStatus(standing=Standing.ABSENT)
        ended = facts.get("ExecMainStatus", "")
        return ServiceStatus(
            standing=_STANDINGS.get(facts.get("ActiveState", ""), Standing.STOPPED),
            at_boot=facts.get("UnitFileState") == "enabled",
            account=facts.get("User", ""),
            exit_code=int(ended) if ended.isdecimal() else None,
        )

    def _steps(self, has: Belongings) -> list[Step]:
        """Return what makes the service: account, owners, unit, start at boot."""
        account: list[Step] = [
            WriteFile(path=self._sysusers, content=account_text(self._account)),
            Call(words=("systemd-sysusers", str(self._sysusers))),
        ]
        return [
            *(account if self._account == ACCOUNT else []),
            *gifts(has, self._account),
            WriteFile(path=self._unit, content=unit_text(has, self._account)),
            Call(words=("systemctl", "daemon-reload")),
            Call(words=("systemctl", "enable", UNIT)),
        ]

    def _asked(self, has: Belongings) -> list[str]:
        """Return what only a person can do: rights outside the site."""
        return [
            f"By hand: give {self._account} the right to change {path}." for path in has.elsewhere
        ]
