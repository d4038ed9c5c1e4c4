# SPDX-License-Identifier: Apache-2.0
"""The Windows service: the agent in the base interpreter, under the service control manager.

No `pythonservice.exe` and no virtual environment: both put another program between the control
manager and the agent. The service is RUNNING only once settings, keys, places and records were
opened, so "running" means "can work". A card that is put in, and a computer that wakes up, end a
rest early; the periodic look stays the truth.

How it ends decides what Windows does next: 0 for a stop, and for what a person must mend
(settings, records that disagree), where starting again would not help; anything else is a fault,
and Windows starts it again after a while.
"""

import importlib
import os
import threading
import time
import traceback
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any, Final

from agent.adapters.clock import Clock
from agent.core.errors import AgentError, UnavailableError
from service.log_file import LogFile
from service.windows import controls
from service.windows.controls import Reaction
from service.windows.event_log import EventLog
from service.windows.layout import EVENT_MESSAGES, SERVICE

LOG: Final = "state/log/agent.log"
_OWN_PROCESS: Final = 0x10
_SPECIFIC_ERROR: Final = 1066
_WAIT_MS: Final = 30_000
_TELL_SECONDS: Final = 5.0
_VOLUMES: Final = "{53F5630D-B6BF-11D0-94F2-00A0C91EFB8B}"
_TO_SERVICE: Final = 1


def serve(site: Path, program: Path) -> None:
    """Hand the process to the control manager until the service has stopped."""
    del program
    manager = importlib.import_module("servicemanager")
    manager.Initialize(SERVICE, os.path.expandvars(EVENT_MESSAGES))
    manager.PrepareToHostSingle(lambda words: AgentService(words, site))
    manager.StartServiceCtrlDispatcher()


class AgentService:
    """One run of the service; pywin32 makes it and calls `SvcRun` in a thread of its own."""

    def __init__(self, words: list[str], site: Path) -> None:
        self._site = site
        self._service: Any = importlib.import_module("win32service")
        manager = importlib.import_module("servicemanager")
        self._handle = manager.RegisterServiceCtrlHandler(words[0], self._asked, True)  # noqa: FBT003 - positional there
        self._events = EventLog(write_event, time.monotonic)
        self._state = controls.START_PENDING
        self._check_point = 0
        self._guard = threading.RLock()
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._clock: Clock | None = None

    def SvcRun(self) -> None:  # noqa: N802 - pywin32 calls it by this name
        """Run the agent until asked to stop, and tell the control manager how it ended."""
        self._tell(controls.START_PENDING)
        code = self._work()
        self._ended.set()
        self._tell(controls.STOPPED, code)
        if code != 0:
            os._exit(code)  # what pywin32 would tell after this would hide the exit code

    def _work(self) -> int:
        # Windows waits 30 seconds for a process to say that it is a service, and a slow PC loads
        # all of the agent in no less after its start: so it says so first, and loads then.
        from agent import bootstrap, daemon, log  # noqa: PLC0415 - see above

        try:
            site = bootstrap.load_site(self._site)
            with ExitStack() as stack:
                file = stack.enter_context(closing(LogFile(self._site / LOG)))
                stack.callback(log.configure)
                log.configure(file, self._events.see)
                ports, clock = stack.enter_context(bootstrap.open_ports(site))
                self._begin(clock)
                daemon.run(ports, clock, site)
        except AgentError as error:
            self._events.error(error)
            return error.exit_code if isinstance(error, UnavailableError) else 0
        except Exception as error:  # noqa: BLE001 - told by class and place; Windows starts it again
            last = traceback.extract_tb(error.__traceback__)[-1]
            self._events.fault(type(error).__name__, f"{Path(last.filename).name}:{last.lineno}")
            return 1
        return 0

    def _begin(self, clock: Clock) -> None:
        """Tell that the service runs; a stop that was asked for meanwhile counts."""
        with self._guard:
            self._clock = clock
            if self._stopping.is_set():
                clock.stop()
                return
        register_for_volumes(self._handle)
        self._tell(controls.RUNNING)

    def _asked(self, control: int, event: int, _data: object) -> None:
        """Answer the control manager at once; the work is done elsewhere."""
        reaction = controls.reaction_to(control, event)
        if reaction is Reaction.STOP:
            self._stop()
        elif reaction is Reaction.WAKE and self._clock is not None:
            self._clock.wake()
        elif reaction is Reaction.TELL:
            self._tell(self._state)

    def _stop(self) -> None:
        with self._guard:
            if self._stopping.is_set():
                return
            self._stopping.set()
            if self._clock is not None:
                self._clock.stop()
        threading.Thread(target=self._keep_telling, daemon=True).start()

    def _keep_telling(self) -> None:
        """Tell every few seconds that the stop goes on: a long recording takes its time."""
        while not self._ended.is_set():
            self._tell(controls.STOP_PENDING)
            self._ended.wait(_TELL_SECONDS)

    def _tell(self, state: int, code: int = 0) -> None:
        with self._guard:
            if self._state == controls.STOPPED:
                return
            self._state = state
            pending = state in (controls.START_PENDING, controls.STOP_PENDING)
            self._check_point = self._check_point + 1 if pending else 0
            accepted = controls.ACCEPTED if state == controls.RUNNING else 0
            ended = (_SPECIFIC_ERROR, code) if code else (0, 0)
            wait = _WAIT_MS if pending else 0
            status = (_OWN_PROCESS, state, accepted, *ended, self._check_point, wait)
            self._service.SetServiceStatus(self._handle, status)


def write_event(number: int, weight: int, text: str) -> None:
    """Write one entry; an Event Log that takes none must not end the service."""
    pywin32: Any = importlib.import_module("win32evtlog")
    with suppress(OSError, pywin32.error):
        handle = pywin32.RegisterEventSource(None, SERVICE)
        try:
            pywin32.ReportEvent(handle, weight, 0, number, None, [text], None)
        finally:
            pywin32.DeregisterEventSource(handle)


def register_for_volumes(handle: int) -> None:
    """Ask for a word when a card is put in; without it the periodic look finds it."""
    with suppress(Exception):  # whatever Windows objects to, the periodic look is the truth
        window: Any = importlib.import_module("win32gui")
        structure: Any = importlib.import_module("win32gui_struct")
        wanted = structure.PackDEV_BROADCAST_DEVICEINTERFACE(_VOLUMES)
        window.RegisterDeviceNotification(handle, wanted, _TO_SERVICE)
