# SPDX-License-Identifier: Apache-2.0
"""No secret leaves by accident: not by repr, str, format, or an exception and its causes."""

import io
import traceback
from collections.abc import Callable

import pytest

from agent.seal import identity_file
from agent.seal.errors import SealError
from agent.seal.hybrid import HybridIdentity
from agent.seal.notes import Signer, sign
from agent.seal.passphrase import Passphrase
from agent.seal.sealing import open_bytes, open_sealed, seal, seal_bytes
from agent.seal.x25519 import X25519Identity

HYBRID = HybridIdentity.generate()
CLASSIC = X25519Identity.generate()
SIGNER = Signer.generate("school.example/secret")
PHRASE = "acorn beetle cinder dapple"
LOCK = Passphrase(PHRASE.encode(), 2)


def shown_secrets(text: str) -> list[str]:
    """Return which secrets stand in a text, whatever their spelling."""
    secrets = {
        "hybrid": [HYBRID.text(), HYBRID._seed.hex(), repr(HYBRID._seed)],
        "classic": [CLASSIC.text(), CLASSIC._secret.hex(), repr(CLASSIC._secret)],
        "signer": [SIGNER.text(), SIGNER.text()[-20:], SIGNER._secret.hex(), repr(SIGNER._secret)],
        "passphrase": [PHRASE],
    }
    lowered = text.lower()
    return [name for name, texts in secrets.items() if any(t.lower() in lowered for t in texts)]


@pytest.mark.parametrize("holder", [HYBRID, CLASSIC, SIGNER, LOCK], ids=repr)
@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r}".format, lambda it: repr([it])])
def test_no_holder_shows_its_secret(holder: object, show: Callable[[object], str]) -> None:
    assert shown_secrets(show(holder)) == []


@pytest.mark.parametrize("show", [HYBRID.text, CLASSIC.text, SIGNER.text])
def test_the_search_itself_finds_a_secret(show: Callable[[], str]) -> None:
    assert shown_secrets(f"x{show()}x")


def refusals() -> dict[str, Callable[[], object]]:
    """Return calls that all fail while they hold secrets."""
    sealed = seal_bytes([HYBRID.recipient()], b"x")
    slip = seal([HYBRID.recipient()], [b"x"]).slip
    hybrid, classic, signer = HYBRID.text(), CLASSIC.text(), SIGNER.text()
    return {
        "a mistyped hybrid key": lambda: HybridIdentity.parse(hybrid[:-1] + "b"),
        "a hybrid key with a letter outside ASCII": lambda: HybridIdentity.parse(hybrid + "é"),
        "a longer hybrid key": lambda: HybridIdentity.parse(hybrid + "Q"),
        "a classic key as hybrid": lambda: HybridIdentity.parse(classic),
        "a mistyped classic key": lambda: X25519Identity.parse("x" + classic),
        "a signing key with a letter outside base64": lambda: Signer.parse(signer + "é"),
        "a signing key with another name": lambda: Signer.parse(signer.replace("school", "x")),
        "a longer signing key": lambda: Signer.parse(signer + "AAAA"),
        "an unpadded signing key": lambda: Signer.parse(signer + "A"),
        "two keys in a file": lambda: identity_file.parse(f"{hybrid}\n{classic}\n"),
        "no match": lambda: open_bytes(sealed, [CLASSIC, LOCK]),
        "a changed body": lambda: open_bytes(sealed[:-1], [HYBRID]),
        "another body": lambda: b"".join(open_sealed(slip, io.BytesIO(sealed), [HYBRID])),
        "another passphrase": lambda: identity_file.read(
            identity_file.write(HYBRID, b"another", 2), PHRASE.encode()
        ),
    }


@pytest.mark.parametrize("name", list(refusals()))
def test_no_refusal_tells_a_secret(name: str) -> None:
    with pytest.raises(SealError) as caught:
        refusals()[name]()
    lines = traceback.format_exception(caught.value)
    assert shown_secrets("".join(lines)) == []
    chain: BaseException | None = caught.value
    while chain is not None:
        assert shown_secrets(repr(vars(chain)) + repr(chain.args)) == []
        assert shown_secrets(repr(getattr(chain, "object", ""))) == []
        chain = chain.__cause__ or chain.__context__


def test_nothing_sealed_or_signed_holds_a_secret_in_clear() -> None:
    files = [
        seal_bytes([HYBRID.recipient()], HYBRID.text().encode()),
        identity_file.write(HYBRID, PHRASE.encode(), 2),
        sign("school.example\n", SIGNER),
    ]
    assert [shown_secrets(file.decode("latin-1")) for file in files] == [[], [], []]
