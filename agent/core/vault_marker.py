# SPDX-License-Identifier: Apache-2.0
"""What the signed marker of an approved vault says."""

from typing import Final

from agent.core.canonical import decode, encode

MARKER: Final = "vault.json"
_FORMAT: Final = "photowarden-vault/1"


def marker_text(vault_id: str) -> str:
    """Return the text that the office signs for a vault."""
    return encode({"format": _FORMAT, "id": vault_id}).decode("utf-8") + "\n"


def names_vault(text: str, vault_id: str) -> bool:
    """Tell whether a marker's text names this vault."""
    try:
        return decode(text.removesuffix("\n").encode()) == {"format": _FORMAT, "id": vault_id}
    except ValueError:
        return False
