# SPDX-License-Identifier: Apache-2.0
"""The people of the measurement: a process of their own, so that they do not slow the console.

Reads one JSON object from standard input (the cookies are secrets, so not from the arguments) and
prints how long each answer took, in seconds, as a JSON list.
"""

import json
import sys
import threading
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from itertools import cycle


def main() -> None:
    """Let every client ask again and again until the time is over."""
    wanted = json.load(sys.stdin)
    stop = time.monotonic() + wanted["seconds"]
    times: list[float] = []
    faults: list[str] = []
    threads = [
        threading.Thread(
            target=_ask, args=(wanted["port"], cookie, _from(wanted["addresses"], n), stop, times)
        )
        for n, cookie in enumerate(wanted["cookies"])
    ]
    threading.excepthook = lambda fault: faults.append(repr(fault.exc_value))
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    if faults:
        sys.exit(faults[0])
    json.dump(times, sys.stdout)


def _from(addresses: Sequence[str], number: int) -> list[str]:
    """Return the addresses, each client beginning with another."""
    start = number % len(addresses)
    return [*addresses[start:], *addresses[:start]]


def _ask(port: int, cookie: str, addresses: Sequence[str], stop: float, times: list[float]) -> None:
    connection = HTTPConnection("localhost", port)
    for address in cycle(addresses):
        if time.monotonic() >= stop:
            break
        started = time.perf_counter()
        connection.request("GET", address, headers={"Cookie": cookie})
        response = connection.getresponse()
        response.read()
        if response.status != 200:  # noqa: PLR2004 - the status of success
            raise RuntimeError(f"a page answered {response.status}")
        times.append(time.perf_counter() - started)
    connection.close()


if __name__ == "__main__":
    main()
