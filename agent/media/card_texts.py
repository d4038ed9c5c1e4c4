# SPDX-License-Identifier: Apache-2.0
"""Which texts of codes in a picture are about class cards, and in what form they may leave it.

A code may hold anything: a visiting card, a child's name, a link. Only what has the exact form of a
card (`agent.core.cards`) is passed on as it stands; what only begins like one becomes `NOT_A_CARD`,
which no key makes valid; every other code is as if it were not there.
"""

import re
from collections.abc import Iterable
from typing import Final

MAX_CARDS: Final = 16
"""So many different cards in one picture say no more than two do."""
NOT_A_CARD: Final = "PW1:"
_CARD: Final = re.compile(r"PW1:[CPE]:[A-Z2-7]{12}:[0-9]{2}:[A-Z2-7]{16}")


def of_cards(untrusted_texts: Iterable[str]) -> tuple[str, ...]:
    """Return the texts of cards among the texts of codes: each once, in order, nothing free."""
    begun = {text for text in untrusted_texts if text.startswith(NOT_A_CARD)}
    shaped = {text if _CARD.fullmatch(text) else NOT_A_CARD for text in begun}
    return tuple(sorted(shaped))[:MAX_CARDS]
