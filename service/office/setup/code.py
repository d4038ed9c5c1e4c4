# SPDX-License-Identifier: Apache-2.0
"""The set-up code: printed where the console was started, so that nobody else wins the race.

It counts until there is an account; a new start makes a new one. Only its digest is kept.
"""

from agent import durable
from service.office.accounts.acts import digest, new_code
from service.office.accounts.models import User
from service.office.house import SETUP_CODE, house


def fresh() -> str | None:
    """Return a new code to print; None where the school has its first account already."""
    if User.objects.exists():
        return None
    code = new_code()
    durable.replace(house().folder / SETUP_CODE, [digest(code).encode("ascii")], private=True)
    return code


def fits(typed: str) -> bool:
    """Tell whether somebody typed the code that was printed."""
    path = house().folder / SETUP_CODE
    return path.exists() and path.read_text("ascii") == digest(typed)


def forget() -> None:
    """Let the code count no more."""
    (house().folder / SETUP_CODE).unlink(missing_ok=True)
