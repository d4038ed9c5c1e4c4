# SPDX-License-Identifier: Apache-2.0
"""The sealed facts of a case, read while somebody's key is unlocked; in memory only.

Only the first chunk of the sealed object is opened. Whether the case is frozen or erased is asked
each time, also of what was read before.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from agent.core.case import Record
from agent.opening import check_may_be_opened, opened
from service.office.house import house
from service.office.keyring.holding import SHELF, Locked, OpenKey

_FACTS: Final = "facts"


def facts_of(key: OpenKey, record: Record) -> Mapping[str, Any]:
    """Return the facts that are sealed with a medium: name, capture time, device, tags, faces.

    Raises:
        ConfigurationError: the case is frozen or erased.
        UnavailableError: the vault is away, or the key was dropped meanwhile (`Locked`).
        IntegrityError: the object is not there, or is not the one that was sealed.
    """
    site, name = house().site(), (_FACTS, str(record.object))
    text = SHELF.get(key.number, name)
    if text is None:
        with opened(site, record, key.identities) as (text, _, _):
            SHELF.put(key.number, name, text)
    else:
        check_may_be_opened(site, record)
    if not key.is_open:
        SHELF.forget(key.number)
        raise Locked
    found: Mapping[str, Any] = json.loads(text)
    return found
