# SPDX-License-Identifier: Apache-2.0
"""The server: one process, many threads, this computer only."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from agent import lock
from agent.core.errors import UnavailableError
from service.office.dumps import no_dumps
from service.office.house import LOCK
from service.office.start import start

HOST: Final = "127.0.0.1"
LARGEST_BODY: Final = 20 * 1024 * 1024
_BACKLOG: Final = 64


@contextmanager
def serving(folder: Path, port: int | None = None) -> Iterator[tuple[str | None, Any]]:
    """Hold the console's lock, start everything, give the set-up code, if any, and a server to run.

    Raises:
        ConfigurationError: a setting cannot be used.
        UnavailableError: another console serves this site, or the port is taken.
    """
    (folder / LOCK).parent.mkdir(mode=0o700, exist_ok=True)
    with lock.only_agent(folder / LOCK):
        no_dumps()
        limits = start(folder).settings
        server = make_server(application(), limits.port if port is None else port, limits.threads)
        from service.office.caretaker import Caretaker  # noqa: PLC0415 - Django is ready now
        from service.office.keyring.holding import drop_all  # noqa: PLC0415 - the same
        from service.office.pictures.previews import CHILDREN  # noqa: PLC0415 - the same
        from service.office.setup.code import fresh  # noqa: PLC0415 - the same

        caretaker = Caretaker()
        caretaker.start()
        try:
            yield fresh(), server
        finally:
            server.stop()
            drop_all()
            CHILDREN.close()
            caretaker.stop()


def application() -> Callable[..., Any]:
    """Return the WSGI application."""
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415 - Django is configured by now

    return get_wsgi_application()


def make_server(app: Callable[..., Any], port: int, threads: int) -> Any:  # noqa: ANN401 - no types
    """Return a server that is bound and not yet running.

    Raises:
        UnavailableError: the port is taken.
    """
    from cheroot.wsgi import Server  # noqa: PLC0415 - only the office's computer has it

    server = Server(
        (HOST, port),
        app,
        numthreads=threads,
        server_name="photowarden",
        request_queue_size=_BACKLOG,
    )
    server.max_request_body_size = LARGEST_BODY
    try:
        server.prepare()
    except OSError as error:
        raise UnavailableError(
            f"port {port} of this computer is taken",
            code="console.port",
            remedy="Stop what answers there, or choose another port in office.toml.",
        ) from error
    return server
