# SPDX-License-Identifier: Apache-2.0
"""Open what was sealed, for a person with the identity: facts, medium. Never what is frozen.

Every way to a picture leads through here, so a freeze stops every one of them. A case of another
station is opened alike, on what that station's ledger says at this moment.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from agent import bootstrap
from agent.adapters.sealer import unpacked
from agent.core.case import Record, State
from agent.core.elsewhere import CaseElsewhere
from agent.core.errors import ConfigurationError, IntegrityError
from agent.core.freezing import touches
from agent.elsewhere import find_elsewhere, follow, frozen_elsewhere
from agent.seal.errors import NoMatch, SealError
from agent.seal.keys import Identity
from agent.seal.sealing import open_sealed

Sealed = Record | CaseElsewhere
"""A case whose sealed object can be opened: one of this station, or of another."""


@contextmanager
def opened(
    site: bootstrap.Site, record: Sealed, identity: Identity
) -> Iterator[tuple[bytes, str, Iterator[bytes]]]:
    """Open a case's sealed object: facts, the medium's file name, its chunks.

    Raises:
        ConfigurationError: the case is frozen or erased, or the identity is another one.
        UnavailableError: the vault is away.
        IntegrityError: the object is not there, or is not the one that was sealed; or what another
            station's ledger says of its case cannot be believed.
    """
    record = present(site, record)
    check_may_be_opened(site, record)
    vault = bootstrap.vault_of(site)
    vault.check()
    slip = vault.slip(record.object)
    with vault.body(record.object) as body:
        try:
            facts, name, chunks = unpacked(open_sealed(slip, body, [identity]))
            yield facts, name, _unless_frozen(site, record, chunks)
        except NoMatch as error:
            raise ConfigurationError(
                "this identity is not one that the picture was sealed to",
                code="identity.other",
                remedy="Use the office identity or the recovery identity of that school year.",
            ) from error
        except (SealError, ValueError) as error:
            raise IntegrityError(
                f"object {record.object}: it does not open ({error})",
                code="vault.damaged",
                remedy="Restore it from the backup, then run verify.",
            ) from error


def sealed_facts(site: bootstrap.Site, record: Sealed, identity: Identity) -> Mapping[str, Any]:
    """Return the facts that are sealed with a medium; only its first chunks are read and opened.

    Raises:
        ConfigurationError, UnavailableError, IntegrityError: as `opened`.
    """
    with opened(site, record, identity) as (facts, _, _):
        found: Mapping[str, Any] = json.loads(facts)
    return found


def present(site: bootstrap.Site, record: Sealed) -> Sealed:
    """Return a case as it is now; of another station's, its ledger is read to its end first.

    Raises:
        UnavailableError: the vault is away.
        IntegrityError: that ledger cannot be believed or does not tell of the case, so nobody knows
            whether it is frozen.
    """
    if isinstance(record, Record):
        return record
    follow(site, record.station)
    found = find_elsewhere(site, record.case, record.station)
    if found is None:
        raise IntegrityError(
            f"case {record.case}: the ledger of its station does not tell of it",
            code="case.unknown",
            remedy="Run photowarden verify on the computer that took the picture in.",
        )
    return found


def check_may_be_opened(site: bootstrap.Site, record: Sealed) -> None:
    """Refuse what is frozen or erased.

    Raises:
        ConfigurationError: it is.
    """
    if is_frozen_in(site, record):
        raise ConfigurationError(
            f"case {record.case} is frozen: nobody may look at it, copy it or change it",
            code="case.frozen",
            remedy="Leave this computer as it is and follow docs/freeze.md.",
        )
    if record.state in (State.ERASING, State.ERASED):
        raise ConfigurationError(
            f"case {record.case} was erased by two people: nobody can open it again",
            code="case.erased",
            remedy="The ledger says who had it erased and when.",
        )


def is_frozen_in(site: bootstrap.Site, record: Sealed) -> bool:
    """Tell whether a case or anything that arrived as one with it is frozen at this moment."""
    with bootstrap.open_journal(site) as journal, bootstrap.open_desk(site) as desk:
        frozen = bootstrap.frozen_by(journal, desk)
        others = {*record.group, *journal.companions(record.case)}
    if not isinstance(record, Record):
        frozen = {**frozen, **frozen_elsewhere(site)}
    return touches(record.case, others, frozen)


def _unless_frozen(
    site: bootstrap.Site, record: Sealed, chunks: Iterator[bytes]
) -> Iterator[bytes]:
    """Yield chunks (1 MiB each), and stop before the next one when the case is frozen meanwhile."""
    for chunk in chunks:
        check_may_be_opened(site, record)
        yield chunk
