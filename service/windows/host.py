# SPDX-License-Identifier: Apache-2.0
r"""The keeper of the service on Windows (protocol `service.hosts.Host`): the control manager.

The service runs as its own account, `NT SERVICE\Photowarden`: no password, no rights but those
that its folders give it; on the network it is the computer. It starts with Windows, a little
later than what people wait for. Windows starts it again after a fault, later each time.
"""

import importlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath
from typing import Any, Final

from agent.core.errors import AgentError, ConfigurationError, UnavailableError
from service.hosts import ServiceStatus, Standing
from service.windows import access, machine
from service.windows.layout import ACCOUNT, DESCRIPTION, EVENT_MESSAGES, SERVICE

_ABSENT: Final = 1060
_NOT_ACTIVE: Final = 1062
_RUNS_ALREADY: Final = 1056
_UNKNOWN_LEVEL: Final = 124
_ALL_ACCESS: Final = 0xF01FF
_MANAGER_ALL: Final = 0xF003F
_AUTO_START: Final = 2
_OWN_PROCESS: Final = 0x10
_ERROR_NORMAL: Final = 1
_STOP_CONTROL: Final = 1
_RESTART: Final = 1
_RESTARTS: Final = ((_RESTART, 60_000), (_RESTART, 120_000), (_RESTART, 300_000))
_WAIT_SECONDS: Final = 120.0
_LOOK_SECONDS: Final = 0.2
_STANDINGS: Final = {
    1: Standing.STOPPED,
    2: Standing.STARTING,
    3: Standing.STOPPING,
    4: Standing.RUNNING,
}
# SERVICE_CONFIG_... numbers of winsvc.h, and what each is set to.
_SETTINGS: Final[tuple[tuple[int, object], ...]] = (
    (1, DESCRIPTION),
    (3, True),
    (2, {"ResetPeriod": 86_400, "RebootMsg": "", "Command": "", "Actions": _RESTARTS}),
    (4, True),
    (5, 1),
    (6, ("SeChangeNotifyPrivilege",)),
    (7, 120_000),
)
"""Description; delayed start; restart after 1, 2 and 5 minutes, forgotten after a day; also after
an exit with a fault; an account with a security id of its own; one privilege, to pass through
folders; two minutes for the file at hand when Windows shuts down."""


class WindowsHost:
    """The service control manager; `program` is the folder that holds `launch.py`."""

    def __init__(self, program: Path | None = None) -> None:
        self._program = program or Path(machine.default_layout().program)
        self._api: Any = importlib.import_module("win32service")

    def explain(self, site: Path) -> Sequence[str]:
        """Return, in sentences, what `install` would do; see `Host`."""
        folders = [f"Give {ACCOUNT} its rights in {place}." for place, _ in wanted_rights(site)]
        return [
            *folders,
            f"Register the service {SERVICE} for {site}, as {ACCOUNT}, to start with Windows.",
            "Let Windows start it again after a fault: after 1, 2 and 5 minutes.",
            f"Name the source {SERVICE} in the Event Log.",
        ]

    def install(self, site: Path, *, rights: bool = True) -> None:
        """Register the service for a site, or renew what is registered; see `Host`."""
        launcher = self._program / "launch.py"
        if not launcher.is_file() or not (site / "station.toml").is_file():
            raise ConfigurationError(
                "the program is not installed, or the folder is no site",
                code="service.not_ready",
                remedy="Run install.ps1 first; make the site with `photowarden init`.",
            )
        if rights:
            give_rights(site)
        command = subprocess.list2cmdline(
            [sys.executable, "-I", "-S", str(launcher), "--service", str(site)]
        )
        with self._manager() as manager:
            self._register(manager, command)
        register_event_source()

    def uninstall(self) -> None:
        """Stop the service and take it away; see `Host`."""
        self.stop()
        with self._service() as service:
            if service is not None:
                self._api.DeleteService(service)
        forget_event_source()

    def start(self) -> None:
        """Start the service and wait until it runs; see `Host`."""
        with self._service() as service:
            if service is None:
                raise _absent()
            try:
                self._api.StartService(service, None)
            except self._api.error as error:
                if error.winerror != _RUNS_ALREADY:
                    raise
            self._wait(Standing.RUNNING, "start")

    def stop(self) -> None:
        """Stop the service and wait for its end; see `Host`."""
        with self._service() as service:
            if service is None:
                return
            try:
                self._api.ControlService(service, _STOP_CONTROL)
            except self._api.error as error:
                if error.winerror != _NOT_ACTIVE:
                    raise
            self._wait(Standing.STOPPED, "stop")

    def status(self) -> ServiceStatus:
        """Return how the service stands; see `Host`."""
        with self._service() as service:
            if service is None:
                return ServiceStatus(standing=Standing.ABSENT)
            settings = self._api.QueryServiceConfig(service)
            now = self._api.QueryServiceStatus(service)
        return ServiceStatus(
            standing=_STANDINGS.get(now[1], Standing.STOPPED),
            at_boot=settings[1] == _AUTO_START,
            account=str(settings[7]),
            exit_code=now[4] or now[3],
        )

    def _register(self, manager: Any, command: str) -> None:  # noqa: ANN401 - a handle of pywin32
        kinds = (_OWN_PROCESS, _AUTO_START, _ERROR_NORMAL)
        with self._service() as there:
            if there is None:
                service = self._api.CreateService(
                    *(manager, SERVICE, SERVICE, _ALL_ACCESS, *kinds, command),
                    *(None, 0, None, ACCOUNT, None),
                )
                self._api.CloseServiceHandle(service)
            else:
                # No account: a technician may have given it one that the file server knows. The
                # service's own security id stays in its token, so the rights stay as they are.
                self._api.ChangeServiceConfig(
                    there, *kinds, command, None, 0, None, None, None, SERVICE
                )
        with self._service() as service:
            for level, value in _SETTINGS:
                self._set(service, level, value)

    def _set(self, service: Any, level: int, value: object) -> None:  # noqa: ANN401 - the same
        try:
            self._api.ChangeServiceConfig2(service, level, value)
        except self._api.error as error:
            if error.winerror != _UNKNOWN_LEVEL:
                raise
            sys.stderr.write(f"photowarden: this system does not know service setting {level}\n")

    def _wait(self, wanted: Standing, doing: str) -> None:
        deadline = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < deadline:
            status = self.status()
            if status.standing is wanted:
                return
            if wanted is Standing.RUNNING and status.standing is Standing.STOPPED:
                raise ConfigurationError(
                    f"the service ended as it started (exit code {status.exit_code})",
                    code="service.ended",
                    remedy="Run `photowarden check`; the Event Log has the code of the reason.",
                )
            time.sleep(_LOOK_SECONDS)
        raise UnavailableError(
            f"the service did not {doing} in time",
            code="service.slow",
            remedy="Look again in a minute with `photowarden service status`.",
        )

    @contextmanager
    def _manager(self) -> Iterator[Any]:
        try:
            handle = self._api.OpenSCManager(None, None, _MANAGER_ALL)
        except self._api.error as error:
            raise _no_rights() from error
        try:
            yield handle
        finally:
            self._api.CloseServiceHandle(handle)

    @contextmanager
    def _service(self) -> Iterator[Any]:
        """Open the service; None where it is absent."""
        with self._manager() as manager:
            try:
                handle = self._api.OpenService(manager, SERVICE, _ALL_ACCESS)
            except self._api.error as error:
                if error.winerror != _ABSENT:
                    raise _no_rights() from error
                handle = None
            try:
                yield handle
            finally:
                if handle is not None:
                    self._api.CloseServiceHandle(handle)


def install_and_tell(site: Path, program: Path) -> int:
    """Register the service for `install.ps1`, which gave the rights itself; return an exit code."""
    try:
        WindowsHost(program).install(site, rights=False)
    except AgentError as error:
        sys.stderr.write(f"photowarden: {error.code}: {error.diagnostics()}\n")
        return error.exit_code
    return 0


def give_rights(site: Path) -> None:
    """Give the service, and nobody else, what it needs in the site and the import folders.

    Raises:
        ConfigurationError: Windows refused.
    """
    program = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "icacls.exe"
    for place, words in wanted_rights(site):
        done = subprocess.run(  # noqa: S603 - Windows' own program, no shell
            [str(program), str(place), *words], capture_output=True, check=False
        )
        if done.returncode != 0:
            raise ConfigurationError(
                f"the rights of a folder of the site cannot be set (icacls {done.returncode})",
                code="service.rights",
                remedy="Run it as an administrator; the disk must be NTFS.",
            )


def wanted_rights(site: Path) -> list[access.Rights]:
    """Return the rights of every folder of the site that is there, parents before children."""
    facts = machine.look_at_site(site)
    wanted = list(access.site_rights(PureWindowsPath(site), facts.imports))
    if facts.vault is not None and facts.vault.drive.endswith(":"):
        wanted.append(access.vault_rights(facts.vault))
    return [(place, words) for place, words in wanted if Path(place).is_dir()]


def register_event_source() -> None:
    """Name our source in the Event Log, with Windows' own file of texts."""
    registry: Any = importlib.import_module("winreg")
    with registry.CreateKey(registry.HKEY_LOCAL_MACHINE, _EVENT_KEY) as key:
        registry.SetValueEx(key, "EventMessageFile", 0, registry.REG_EXPAND_SZ, EVENT_MESSAGES)
        registry.SetValueEx(key, "TypesSupported", 0, registry.REG_DWORD, 7)


def forget_event_source() -> None:
    """Take our source out of the Event Log; what was written stays."""
    registry: Any = importlib.import_module("winreg")
    try:
        registry.DeleteKey(registry.HKEY_LOCAL_MACHINE, _EVENT_KEY)
    except FileNotFoundError:
        return


_EVENT_KEY: Final = rf"SYSTEM\CurrentControlSet\Services\EventLog\Application\{SERVICE}"


def _absent() -> ConfigurationError:
    return ConfigurationError(
        "the service is not installed",
        code="service.absent",
        remedy="Run `photowarden service install`, or install.ps1 -Repair.",
    )


def _no_rights() -> ConfigurationError:
    return ConfigurationError(
        "this account may not look after services",
        code="service.no_rights",
        remedy="Open PowerShell with 'Run as administrator' and try again.",
    )
