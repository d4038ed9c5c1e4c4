# SPDX-License-Identifier: Apache-2.0
"""The service kept by launchd (protocol `service.hosts.Host`).

launchd starts again whatever ends with another code than 0 and knows no exception for codes: a
wrong setting is therefore tried once a minute, and `doctor` says what is wrong.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from agent.core.errors import ConfigurationError, UnavailableError
from service.belongings import Belongings, belongings_of, gifts
from service.hosts import ServiceStatus, Standing
from service.launchd.plist import ACCOUNT, LABEL, free_number, plist_text
from service.steps import Call, RemoveFile, Run, Step, WriteFile, carry_out, run_tool

_TARGET: Final = f"system/{LABEL}"
_STATE: Final = re.compile(r"^\tstate = (.+)$", re.MULTILINE)
_ENDED: Final = re.compile(r"^\tlast exit code = (\d+)", re.MULTILINE)
_USER: Final = re.compile(r"^\tusername = (\S+)$", re.MULTILINE)


class LaunchdHost:
    """Keep the service with `launchctl`; `folder` is another place in tests only."""

    def __init__(
        self,
        account: str = ACCOUNT,
        run: Run = run_tool,
        folder: Path = Path("/Library/LaunchDaemons"),
    ) -> None:
        self._account = account
        self._run = run
        self._plist = folder / f"{LABEL}.plist"

    def explain(self, site: Path) -> Sequence[str]:
        """Return, in sentences, what `install` would do to this computer; nothing is done."""
        has = belongings_of(site)
        asked = (
            f"By hand: give {self._account} the right to change {path}." for path in has.elsewhere
        )
        return [*(step.told() for step in self._steps(has)), *asked]

    def install(self, site: Path) -> None:
        """Register the service for a site, to start with the computer; what is there is renewed."""
        carry_out(self._steps(belongings_of(site)), self._run)

    def uninstall(self) -> None:
        """Stop the service and take it away; the site stays as it is, and so does the account."""
        steps: list[Step] = [
            Call(words=("launchctl", "bootout", _TARGET), quietly=True),
            RemoveFile(path=self._plist),
        ]
        carry_out(steps, self._run)

    def start(self) -> None:
        """Start the service and wait until it runs."""
        if not self._plist.exists():
            raise ConfigurationError(
                "the service is not installed",
                code="service.absent",
                remedy="Install it first: photowarden service install.",
            )
        steps: list[Step] = [
            Call(words=("launchctl", "bootstrap", "system", str(self._plist)), quietly=True),
            Call(words=("launchctl", "kickstart", _TARGET)),
        ]
        carry_out(steps, self._run)
        if self.status().standing is not Standing.RUNNING:
            raise UnavailableError(
                "the service did not stay up",
                code="service.not_running",
                remedy="Run photowarden doctor; agent.log in the state folder has its last codes.",
            )

    def stop(self) -> None:
        """Stop the service and wait until it has finished the file at hand."""
        carry_out([Call(words=("launchctl", "bootout", _TARGET), quietly=True)], self._run)
        if self.status().standing not in (Standing.ABSENT, Standing.STOPPED):
            raise UnavailableError(
                "the service did not stop in time",
                code="service.not_stopped",
                remedy="Try again; a large recording may take minutes.",
            )

    def status(self) -> ServiceStatus:
        """Return how the service stands; never raises for an absent one."""
        if not self._plist.exists():
            return ServiceStatus(standing=Standing.ABSENT)
        said = self._run(("launchctl", "print", _TARGET))
        state, ended = _STATE.search(said.stdout), _ENDED.search(said.stdout)
        user = _USER.search(said.stdout)
        running = said.returncode == 0 and state is not None and state[1] == "running"
        return ServiceStatus(
            standing=Standing.RUNNING if running else Standing.STOPPED,
            at_boot=True,
            account=user[1] if user else self._account,
            exit_code=int(ended[1]) if ended else None,
        )

    def _steps(self, has: Belongings) -> list[Step]:
        """Return what makes the service: account, owners, property list."""
        return [
            *(self._account_steps() if self._account == ACCOUNT else []),
            *gifts(has, self._account),
            WriteFile(path=self._plist, content=plist_text(has, self._account)),
            Call(words=("launchctl", "enable", _TARGET)),
        ]

    def _account_steps(self) -> list[Step]:
        """Make the role account where it is not there yet: no home, no shell, no log-in."""
        if self._run(("id", "-u", ACCOUNT)).returncode == 0:
            return []
        number = free_number(self._run(("dscl", ".", "-list", "/Users", "UniqueID")).stdout)
        words = ("sysadminctl", "-addUser", ACCOUNT, "-roleAccount", "-UID", str(number))
        return [Call(words=words)]
