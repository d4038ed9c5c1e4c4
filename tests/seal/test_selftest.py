# SPDX-License-Identifier: Apache-2.0
"""The self-test passes here, and each known answer can fail it."""

import pytest

from agent.seal import known_answers, selftest
from agent.seal.errors import SealError


def test_this_machine_passes() -> None:
    selftest.run()


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        ("SEED", bytes(32)),
        ("PLAINTEXT", b"another answer\n"),
        ("RECIPIENT_SHA256", "00" * 32),
        ("SIGNATURE", "00" * 64),
        ("SIGNED_TEXT", "another text\n"),
        ("PASSPHRASE", b"another passphrase"),
        ("PASSPHRASE_FILE", known_answers.CLASSIC_FILE),
        ("CLASSIC_FILE", known_answers.HYBRID_FILE),
        ("HYBRID_FILE", known_answers.CLASSIC_FILE),
    ],
)
def test_each_answer_can_fail_it(
    monkeypatch: pytest.MonkeyPatch, answer: str, wrong: object
) -> None:
    monkeypatch.setattr(known_answers, answer, wrong)
    with pytest.raises(SealError, match="self-test of"):
        selftest.run()


@pytest.mark.parametrize("name", list(selftest._CHECKS))
def test_each_check_counts(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(selftest._CHECKS, name, lambda: False)
    with pytest.raises(SealError, match="another answer"):
        selftest.run()
