# SPDX-License-Identifier: Apache-2.0
"""The school's keys in the first run: made once, and no power cut loses the recovery key.

    office/console-making-keys     is there while a making is under way: what it left is made anew
    station.toml                   the last file of a making; from then on the keys count
    office/recovery-identity-...   the recovery key under the passphrase, until it is on paper

Before `station.toml` nothing can have been sealed to the keys, so they are thrown away; after it
the recovery key can be shown again to whoever knows the passphrase. Once its end was typed back
from the print, it is nowhere here.
"""

from typing import Final

from agent import durable
from agent import site as layout
from agent.cli.site_commands import first_records
from agent.seal import identity_file
from agent.seal.errors import SealError
from service.office.house import house

MAKING: Final = "office/console-making-keys"
_SHOWN: Final[dict[str, str]] = {}
"""The recovery key between its making and its being typed back, so that it is shown at once."""


def make(plan: layout.SitePlan) -> None:
    """Make keys and an empty vault around the console's own files.

    Raises:
        ConfigurationError: something else is in the folder.
        OSError: the disk is full or away; try again.
    """
    mark = plan.folder / MAKING
    if mark.exists():
        layout.unmake_half_made(plan.folder)
    else:
        layout.refuse_a_full(plan.folder)
        durable.write_new(mark, [b""], private=True)
    _SHOWN["recovery"] = layout.create_site(plan).text()
    resume()


def resume() -> None:
    """Finish a making of keys that was interrupted after they began to count."""
    mark = house().folder / MAKING
    if house().has_site and mark.exists():
        first_records(house().folder)
        mark.unlink()
        durable.sync_folder(mark.parent)


def waits_for_print() -> bool:
    """Tell whether the recovery key is not on paper yet, as far as anybody has said."""
    return (house().folder / layout.UNPRINTED_RECOVERY).exists()


def recovery() -> str | None:
    """Return the recovery key to show; None where the passphrase is asked for first."""
    return _SHOWN.get("recovery") if waits_for_print() else None


def unlock(passphrase: str) -> bool:
    """Open the recovery key once more, after a restart; tell whether the passphrase is right."""
    sealed = (house().folder / layout.UNPRINTED_RECOVERY).read_bytes()
    try:
        _SHOWN["recovery"] = identity_file.read(sealed, passphrase.encode()).text()
    except SealError:
        return False
    return True


def printed() -> None:
    """Forget the recovery key: it is on paper now, and nowhere here."""
    path = house().folder / layout.UNPRINTED_RECOVERY
    path.unlink(missing_ok=True)
    durable.sync_folder(path.parent)
    _SHOWN.clear()
