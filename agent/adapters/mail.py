# SPDX-License-Identifier: Apache-2.0
"""The office's mail server: one encrypted message at a time, no password in any message of ours.

The connection is encrypted and the server's certificate checked, or nothing is sent. Neither the
server's words nor the account's stand in an error: servers repeat what they were told.
"""

import secrets
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from agent.core.digest import Message
from agent.core.errors import AgentError, ConfigurationError, UnavailableError

SECONDS: Final = 20.0
_HERE: Final = "localhost"
"""What this computer calls itself to the server; its real name may be a person's."""
_PERMANENT: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where and as whom to send; the password is read from its file for each message."""

    host: str
    port: int
    tls: bool
    """TLS from the first byte; else STARTTLS, which must succeed."""
    sender: str
    recipients: Sequence[str]
    user: str = ""
    password_file: Path | None = field(default=None, repr=False)
    authority: Path | None = None
    """The certificate of the authority that signed the server's, where it is the school's own."""


def send(account: Account, message: Message, at: datetime) -> None:
    """Send a message.

    Raises:
        UnavailableError: the server is away or says "later".
        ConfigurationError: the server refuses us, its certificate is not good, a file is missing.
    """
    with _narrowed():
        context = ssl.create_default_context(
            cafile=None if account.authority is None else str(account.authority)
        )
        password = _password(account)
        with _connected(account, context) as server:
            if account.user:
                server.login(account.user, password)
            server.send_message(_letter(account, message, at), account.sender, account.recipients)


@contextmanager
def _connected(account: Account, context: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    if account.tls:
        made: smtplib.SMTP = smtplib.SMTP_SSL(
            account.host, account.port, _HERE, timeout=SECONDS, context=context
        )
    else:
        made = smtplib.SMTP(account.host, account.port, _HERE, timeout=SECONDS)
    with made as server:
        if not account.tls:
            server.starttls(context=context)
            server.ehlo(_HERE)
        yield server


def _letter(account: Account, message: Message, at: datetime) -> EmailMessage:
    letter = EmailMessage(policy=SMTP)
    letter["From"] = account.sender
    letter["To"] = ", ".join(account.recipients)
    letter["Subject"] = message.subject
    letter["Date"] = format_datetime(at)
    letter["Message-ID"] = f"<{secrets.token_hex(16)}@photowarden.invalid>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text)
    return letter


def _password(account: Account) -> str:
    if account.password_file is None:
        return ""
    return account.password_file.read_text("utf-8").split("\n")[0].rstrip("\r")


@contextmanager
def _narrowed() -> Iterator[None]:
    try:
        yield
    except (ssl.SSLError, smtplib.SMTPNotSupportedError, UnicodeError) as error:
        raise _refused("it offers no encryption that can be trusted") from _quiet(error)
    except smtplib.SMTPResponseException as error:
        if error.smtp_code >= _PERMANENT:
            raise _refused("it refuses the log-in, the sender or the message") from _quiet(error)
        raise _unavailable() from _quiet(error)
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused("it refuses every recipient") from _quiet(error)
    except (FileNotFoundError, PermissionError) as error:
        raise _refused("the password or certificate file cannot be read") from _quiet(error)
    except (OSError, smtplib.SMTPException) as error:
        raise _unavailable() from _quiet(error)


def _quiet(error: Exception) -> Exception:
    """Return what may stand as a cause: the kind of the error without the server's words."""
    return RuntimeError(type(error).__name__)


def _refused(why: str) -> AgentError:
    return ConfigurationError(
        f"the mail server took no message: {why}",
        code="mail.refused",
        remedy="Check user, password file, sender and certificate in the mail section of "
        "station.toml, then run photowarden alerts test.",
    )


def _unavailable() -> AgentError:
    return UnavailableError(
        "the mail server did not answer, or told us to come later",
        code="mail.unavailable",
        remedy="Check host, port and the network; the next message is tried by itself.",
    )
