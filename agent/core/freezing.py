# SPDX-License-Identifier: Apache-2.0
"""Freezing a case: what is frozen, and who may release it. Pure folds over what people did.

A freeze is for what may be evidence or may be unlawful to look at. It needs no reason and no
permission; it ends only by somebody entitled who gives the reference of the police or the
authority (`docs/freeze.md`). Where the head is concerned, only the chair of governors is entitled.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from agent.core.desk import Freeze, Item, Release
from agent.core.model import CaseId
from agent.core.who import Role, Who

_RELEASES: Final = frozenset({Role.HEAD, Role.SAFEGUARDING_LEAD})
_RELEASES_FROM_THE_HEAD: Final = frozenset({Role.CHAIR})
_REFERENCE: Final = re.compile(r"(?=.*[0-9])[A-Z0-9][A-Z0-9 /.-]{2,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A frozen case: everyone who froze it, first to last, and whether the head is concerned."""

    freezes: tuple[Item, ...]

    @property
    def concerns_head(self) -> bool:
        """Whether anybody who froze it said that the head is concerned."""
        return any(isinstance(i.act, Freeze) and i.act.concerns_head for i in self.freezes)

    def may_be_released_by(self, who: Who) -> bool:
        """Tell whether somebody is entitled to release it."""
        entitled = _RELEASES_FROM_THE_HEAD if self.concerns_head else _RELEASES
        return who.role in entitled


def frozen(items: Iterable[Item]) -> Mapping[CaseId, Frozen]:
    """Return what is frozen after these freezes and releases, oldest first.

    A release by somebody who is not entitled, or without a proper reference, changes nothing.
    """
    now: dict[CaseId, Frozen] = {}
    for item in items:
        act = item.act
        if isinstance(act, Freeze):
            earlier = now[act.case].freezes if act.case in now else ()
            now[act.case] = Frozen(freezes=(*earlier, item))
        elif (
            isinstance(act, Release)
            and act.case in now
            and now[act.case].may_be_released_by(item.by)
            and is_reference(act.reference)
        ):
            del now[act.case]
    return now


def is_reference(text: str) -> bool:
    """Tell whether a text has the form of a police or authority reference: capitals and digits.

    A sentence or a name has not, so nobody can write one where others will read it.
    """
    return _REFERENCE.fullmatch(text) is not None


def reference_digest(item_id: str, reference: str) -> str:
    """Return what the ledger holds of a reference: whoever has the letter can check it."""
    return hashlib.sha256(f"{item_id}:{reference}".encode()).hexdigest()


def touches(case: CaseId, group: Iterable[CaseId], cases: Collection[CaseId]) -> bool:
    """Tell whether a case or a companion of it is among these."""
    return case in cases or any(other in cases for other in group)
