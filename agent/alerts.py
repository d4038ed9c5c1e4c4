# SPDX-License-Identifier: Apache-2.0
"""Tell the office by mail what it must know; the desktop of a school PC shows nothing.

Only where `station.toml` has a mail section. Every station's health counts, so one computer of a
school is enough. A message that could not be sent is tried again with the next health.
"""

from collections.abc import Mapping
from typing import Final

from agent import durable
from agent.adapters.mail import Account, send
from agent.bootstrap import Site
from agent.core.digest import Message, Told, due, parse_told
from agent.core.errors import AgentError, UnavailableError
from agent.core.health import Heard, judge
from agent.core.model import Moment
from agent.settings import resolved
from agent.site import ALERTS
from agent.stations import heard_of, own_health

_TEST: Final = Message(
    subject="Photowarden: a test message",
    text="Photowarden can write to the office. No name and no picture is ever in its messages.\n",
)


def account_of(site: Site) -> Account | None:
    """Return the mail account of the settings; None where there is none."""
    mail = site.station.mail
    if mail is None:
        return None
    return Account(
        host=mail.host,
        port=mail.port,
        tls=mail.security == "tls",
        sender=mail.sender,
        recipients=mail.recipients,
        user=mail.user,
        password_file=resolved(site.folder, mail.password_file) if mail.password_file else None,
        authority=resolved(site.folder, mail.authority_file) if mail.authority_file else None,
    )


def waiting(site: Site, moment: Moment) -> tuple[Message | None, Told]:
    """Return the message that is due now, if any, and what will have been told with it."""
    heard = _heard(site)
    return due(_told(site), heard, judge(heard, moment.at), moment.today)


def tell(site: Site, moment: Moment) -> bool:
    """Send what is due; return whether a message went.

    Raises:
        UnavailableError, ConfigurationError: it could not be sent; it is still due.
    """
    account = account_of(site)
    if account is None or not moment.trusted:
        return False
    message, after = waiting(site, moment)
    if message is None:
        return False
    before = _told(site)
    _remember(site, after)  # first: what cannot be remembered would be sent again and again
    try:
        send(account, message, moment.at)
    except AgentError:
        _remember(site, before)
        raise
    return True


def test(account: Account, moment: Moment) -> None:
    """Send a message that says nothing, to see whether messages arrive."""
    send(account, _TEST, moment.at)


def _remember(site: Site, told: Told) -> None:
    try:
        durable.replace(site.folder / ALERTS, [told.text()], private=True)
    except OSError as error:
        raise UnavailableError(
            "what was told to the office cannot be noted on this computer",
            code="disk.full",
            remedy="Make room on this computer's disk; then messages go out again.",
        ) from error


def _heard(site: Site) -> Mapping[str, Heard]:
    try:
        return heard_of(site)
    except UnavailableError:
        return {site.station.station: own_health(site)}


def _told(site: Site) -> Told:
    try:
        return parse_told((site.folder / ALERTS).read_bytes())
    except OSError:
        return Told()
