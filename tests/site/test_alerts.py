# SPDX-License-Identifier: Apache-2.0
"""Messages to the office through a real SMTP server: encrypted, bounded, without names."""

import asyncio
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agent import alerts, bootstrap
from agent.core.errors import ConfigurationError, UnavailableError
from agent.site import ALERTS
from tests.site.conftest import School, picture

PASSWORD = "CANARY-secret-of-the-mailbox"  # noqa: S105 - of an invented mailbox
USER = "canary.user@larkfield.example"


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for the loopback address, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(tz=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = (folder / "certificate.pem", folder / "key.pem")
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


@dataclass
class Mailbox:
    """What the server took, and how it was told to behave."""

    messages: list[EmailMessage] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    answer: str = "250 taken"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802, ANN401 - aiosmtpd
        self.encrypted.append(session.ssl is not None)
        self.names.append(session.host_name)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]  # the policy makes EmailMessage
        return self.answer

    def authenticate(self, *arguments: Any) -> AuthResult:  # noqa: ANN401 - aiosmtpd
        given = arguments[-1]
        good = isinstance(given, LoginPassword) and given.password.decode() == PASSWORD
        return AuthResult(success=good, handled=False, message=None if good else "535 no")


@dataclass
class Post:
    mailbox: Mailbox
    port: int
    certificate: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """A mail server on the loopback address that asks for STARTTLS and a log-in."""
    paths = certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*paths)
    mailbox = Mailbox()
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=mailbox.authenticate,
        loop=asyncio.new_event_loop(),
    )
    controller.start()
    try:
        yield Post(mailbox, controller.port, paths[0])
    finally:
        controller.stop()
        controller.loop.close()


def with_mail(a_school: School, post: Post, **changes: str) -> bootstrap.Site:
    """Give a site a mail section and return it."""
    (a_school.folder / "keys" / "mail-password").write_text(PASSWORD + "\n")
    settings = {
        "host": '"127.0.0.1"',
        "port": str(post.port),
        "security": '"starttls"',
        "user": f'"{USER}"',
        "password_file": '"keys/mail-password"',
        "sender": '"photowarden@larkfield.example"',
        "recipients": '["office@larkfield.example"]',
        "authority_file": f'"{post.certificate}"',
        **changes,
    }
    path = a_school.folder / "station.toml"
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items() if value)
    text = path.read_text("utf-8").partition("\n[mail]\n")[0]
    path.write_text(f"{text}\n[mail]\n{lines}", "utf-8")
    return bootstrap.load_site(a_school.folder)


def daemon_round(a_school: School) -> str:
    """Let the daemon work until it has said how it is; return its log."""
    before = a_school.folder / "state" / "health.note"
    before.unlink(missing_ok=True)
    with subprocess.Popen(
        [sys.executable, "-m", "service", "run", "--site", str(a_school.folder)],
        stderr=subprocess.PIPE,
        text=True,
    ) as daemon:
        deadline = time.monotonic() + 60
        while not before.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
        daemon.send_signal(signal.SIGTERM)
        return daemon.communicate(timeout=60)[1]


def test_the_daemon_writes_to_the_office_once(a_school: School, post: Post) -> None:
    site = with_mail(a_school, post)
    a_school.drop("camera-9/Quillonia/1.JPG", picture(faces=("Quillonia Zanzibarra",)))
    log = daemon_round(a_school) + daemon_round(a_school)
    (letter,) = post.mailbox.messages
    text = letter.as_string()
    assert "Held: 1." in text
    for canary in ("Quillonia", "Zanzibarra", "camera-9", "Larkfield", PASSWORD, USER):
        assert canary not in text
        assert canary not in log
    assert post.mailbox.encrypted == [True]
    assert post.mailbox.names == ["localhost"]
    assert site.station.station not in text
    assert PASSWORD.encode() not in a_school.written().replace((PASSWORD + "\n").encode(), b"", 1)


def test_a_test_message_arrives(a_school: School, post: Post) -> None:
    with_mail(a_school, post)
    done = a_school.run("alerts", "test")
    assert done.code == 0, done.err
    assert [letter["Subject"] for letter in post.mailbox.messages] == [
        "Photowarden: a test message"
    ]


def sent(site: bootstrap.Site) -> None:
    account = alerts.account_of(site)
    assert account is not None
    alerts.test(account, bootstrap.clock_of(site).now())


def test_a_wrong_password_is_told_without_it(a_school: School, post: Post) -> None:
    site = with_mail(a_school, post)
    (a_school.folder / "keys" / "mail-password").write_text("CANARY-other\n")
    with pytest.raises(ConfigurationError) as caught:
        sent(site)
    assert caught.value.code == "mail.refused"
    shown = repr((caught.value, caught.value.__cause__, alerts.account_of(site)))
    assert "CANARY" not in shown
    assert post.mailbox.messages == []


@pytest.mark.slow
def test_a_missing_password_file_is_told(a_school: School, post: Post) -> None:
    site = with_mail(a_school, post)
    (a_school.folder / "keys" / "mail-password").unlink()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        sent(site)


def test_a_certificate_that_nobody_vouches_for_stops_the_message(
    a_school: School, post: Post
) -> None:
    site = with_mail(a_school, post, authority_file="")
    with pytest.raises(ConfigurationError, match="encryption"):
        sent(site)
    assert post.mailbox.messages == []


def test_a_server_without_encryption_gets_nothing(a_school: School, post: Post) -> None:
    mailbox = Mailbox()
    controller = Controller(
        mailbox, hostname="127.0.0.1", port=free_port(), loop=asyncio.new_event_loop()
    )
    controller.start()
    try:
        site = with_mail(a_school, post, port=str(controller.port))
        with pytest.raises(ConfigurationError, match="encryption"):
            sent(site)
    finally:
        controller.stop()
        controller.loop.close()
    assert mailbox.messages == []


@pytest.mark.slow
def test_a_server_that_is_away_is_tried_again(a_school: School, post: Post) -> None:
    a_school.drop("camera-9/3B/1.JPG", picture(faces=("Nobody Known",)))
    a_school.process()
    away = with_mail(a_school, post, port="1")
    daemon_round(a_school)
    moment = bootstrap.clock_of(away).now()
    with pytest.raises(UnavailableError):
        alerts.tell(away, moment)
    assert alerts.waiting(away, moment)[0] is not None
    back = with_mail(a_school, post)
    assert alerts.tell(back, moment)
    assert not alerts.tell(back, moment)
    assert len(post.mailbox.messages) == 1


@pytest.mark.slow
def test_what_cannot_be_noted_is_not_sent(a_school: School, post: Post) -> None:
    """A full disk must not make a message every quarter of an hour."""
    a_school.drop("camera-9/3B/1.JPG", picture(faces=("Nobody Known",)))
    a_school.process()
    site = with_mail(a_school, post)
    daemon_round(a_school)
    (site.folder / ALERTS).unlink()
    (site.folder / ALERTS).mkdir()
    with pytest.raises(UnavailableError, match="noted"):
        alerts.tell(site, bootstrap.clock_of(site).now())
    assert len(post.mailbox.messages) == 1


@pytest.mark.slow
def test_a_server_that_says_later_is_unavailable(a_school: School, post: Post) -> None:
    post.mailbox.answer = "451 later"
    with pytest.raises(UnavailableError):
        sent(with_mail(a_school, post))


def test_a_server_that_says_never_is_refusing(a_school: School, post: Post) -> None:
    post.mailbox.answer = f"554 {PASSWORD}"
    with pytest.raises(ConfigurationError) as caught:
        sent(with_mail(a_school, post))
    assert PASSWORD not in repr((caught.value, caught.value.__cause__))


def test_without_a_mail_section_nothing_is_sent(a_school: School) -> None:
    site = bootstrap.load_site(a_school.folder)
    assert alerts.account_of(site) is None
    assert not alerts.tell(site, bootstrap.clock_of(site).now())
    assert a_school.run("alerts", "test").code == 2


def test_what_is_due_can_be_looked_at(a_school: School) -> None:
    (told,) = a_school.run("alerts", "show", "--json").lines
    assert set(told) == {"due", "subject", "text"}


@pytest.mark.parametrize(
    "change", [{"security": '"none"'}, {"port": "0"}, {"recipients": "[]"}, {"host": '""'}]
)
def test_settings_that_would_send_in_clear_or_to_nobody_are_refused(
    change: dict[str, str], a_school: School, post: Post
) -> None:
    with pytest.raises(ConfigurationError, match="mail"):
        with_mail(a_school, post, **change)
