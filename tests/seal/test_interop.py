# SPDX-License-Identifier: Apache-2.0
"""Strangers' tools open what we seal and we open what they seal; skips where age is absent."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from agent.seal import identity_file, known_answers
from agent.seal.passphrase import Passphrase
from agent.seal.sealing import open_bytes, seal, seal_bytes
from agent.seal.x25519 import X25519Identity

SIZES = (0, 1, 65_535, 65_536, 65_537, 131_072, 131_073)
PHRASE = "acorn-beetle-cinder"
IDENTITY = X25519Identity(bytes(range(32)))

pytestmark = pytest.mark.skipif(
    not shutil.which("age") or not shutil.which("age-keygen"), reason="age is not installed"
)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key.txt"
    path.write_text(IDENTITY.text() + "\n")
    return path


def run(*command: str | Path, data: bytes = b"") -> bytes:
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def run_with_passphrase(*command: str | Path, times: int = 1) -> None:
    """Run a program that asks its terminal, a terminal of its own, for the passphrase."""
    if not shutil.which("setsid"):
        pytest.skip("setsid is not installed")
    ours, theirs = os.openpty()
    with os.fdopen(ours, "wb", buffering=0) as terminal:
        with os.fdopen(theirs) as its_end:
            running = subprocess.Popen(
                ["setsid", "--ctty", "--wait", *command], stdin=its_end, stderr=subprocess.DEVNULL
            )
        terminal.write(f"{PHRASE}\n".encode() * times)
        assert running.wait() == 0


@pytest.mark.parametrize("size", SIZES)
def test_cat_slip_body_is_what_age_opens(size: int, key: Path, tmp_path: Path) -> None:
    plain = os.urandom(size)
    sealed = seal([IDENTITY.recipient()], [plain])
    (tmp_path / "slip").write_bytes(sealed.slip)
    (tmp_path / "body").write_bytes(b"".join(sealed.body))
    joined = run("cat", tmp_path / "slip", tmp_path / "body")
    assert run("age", "-d", "-i", key, data=joined) == plain


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("armour", [(), ("-a",)], ids=["binary", "armoured"])
def test_we_open_what_age_seals(size: int, armour: tuple[str, ...]) -> None:
    plain = os.urandom(size)
    data = run("age", *armour, "-r", str(IDENTITY.recipient()), data=plain)
    assert open_bytes(data, [IDENTITY]) == plain


def test_age_opens_our_armour(key: Path) -> None:
    data = seal_bytes([IDENTITY.recipient()], b"a drawn picture", armored=True)
    assert run("age", "-d", "-i", key, data=data) == b"a drawn picture"


def test_several_recipients_are_understood_both_ways(key: Path) -> None:
    other = X25519Identity.generate()
    ours = seal_bytes([other.recipient(), IDENTITY.recipient()], b"picture")
    assert run("age", "-d", "-i", key, data=ours) == b"picture"
    recipients = ("-r", str(other.recipient()), "-r", str(IDENTITY.recipient()))
    assert open_bytes(run("age", *recipients, data=b"picture"), [IDENTITY]) == b"picture"


def test_the_key_generator_and_we_agree_on_keys(key: Path) -> None:
    assert run("age-keygen", "-y", key).decode().strip() == str(IDENTITY.recipient())
    generated = identity_file.parse(run("age-keygen").decode())
    (key.parent / "generated").write_text(generated.text())
    public = run("age-keygen", "-y", key.parent / "generated").decode().strip()
    assert public == str(generated.recipient())


def test_the_known_answer_is_one_for_age_too(key: Path) -> None:
    data = known_answers.CLASSIC_FILE
    assert run("age", "-d", "-i", key, data=data) == known_answers.PLAINTEXT


def test_age_opens_our_passphrase_file(tmp_path: Path) -> None:
    lock = Passphrase(PHRASE.encode(), 10)
    (tmp_path / "in.age").write_bytes(seal_bytes([lock], b"a drawn picture"))
    run_with_passphrase("age", "-d", "-o", tmp_path / "out", tmp_path / "in.age")
    assert (tmp_path / "out").read_bytes() == b"a drawn picture"


def test_we_open_a_passphrase_file_of_age(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"a drawn picture")
    run_with_passphrase("age", "-p", "-o", tmp_path / "out.age", tmp_path / "in", times=2)
    data = (tmp_path / "out.age").read_bytes()
    assert open_bytes(data, [Passphrase(PHRASE.encode())]) == b"a drawn picture"


def test_age_uses_our_identity_file_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "identity.age").write_bytes(identity_file.write(IDENTITY, PHRASE.encode(), 10))
    (tmp_path / "in.age").write_bytes(seal_bytes([IDENTITY.recipient()], b"a drawn picture"))
    run_with_passphrase(
        "age", "-d", "-i", tmp_path / "identity.age", "-o", tmp_path / "out", tmp_path / "in.age"
    )
    assert (tmp_path / "out").read_bytes() == b"a drawn picture"
