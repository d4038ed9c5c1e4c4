# SPDX-License-Identifier: Apache-2.0
"""Django's commands for developers: `python -m service.office.developing makemigrations register`.

Boundary: never part of a school's installation; the database is a new file that is thrown away.
"""

import sys
import tempfile
from pathlib import Path

from service.office import start


def main(arguments: list[str]) -> None:
    """Run one of Django's commands on an empty database."""
    with tempfile.TemporaryDirectory(prefix="photowarden-developing-") as folder:
        start.configure(DATABASES={"default": start.sqlite_at(Path(folder) / "empty.sqlite")})
        from django.core.management import call_command  # noqa: PLC0415 - Django is configured now

        call_command(*arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
