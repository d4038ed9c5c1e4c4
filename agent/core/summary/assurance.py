# SPDX-License-Identifier: Apache-2.0
"""Rules for what may be said with confidence, and how far it reaches."""

from typing import Final

from agent.core.summary import figures as cell
from agent.core.summary.basis import Basis, Rule, Sentence, counted, figure, some
from agent.core.summary.numbers import Exact
from agent.core.summary.words import plural


def _checked(basis: Basis) -> Sentence | None:
    if not some(basis, cell.PICTURES) or basis.records.kept_unproven or basis.trust.faults:
        return None
    return Sentence(
        rule="pictures.checked",
        text="Every picture kept in this period, of those that came through a school computer "
        "running this program, was first checked against the consent register.",
    )


def _none_came(basis: Basis) -> Sentence | None:
    if figure(basis, cell.PICTURES) != Exact(0):
        return None
    return Sentence(
        rule="pictures.none",
        text="No picture came through a school computer running this program in this period.",
    )


def _too_small(basis: Basis) -> Sentence | None:
    if basis.figures is not None:
        return None
    return Sentence(
        rule="figures.yearly",
        text="In a school this small, counts of pictures and children could point at one child. "
        "They are given once, for the whole year, in the last report of the year.",
    )


def _held(basis: Basis) -> Sentence | None:
    if not some(basis, cell.PERMISSION):
        return None
    held = counted(figure(basis, cell.PERMISSION), "picture", "pictures")
    was = "was" if held.startswith("1 ") else "were"
    return Sentence(
        rule="pictures.held",
        text=f"{held} {was} held because a permission was missing, refused or withdrawn. Held "
        "pictures are sealed; no school computer can open them.",
    )


def _agrees(basis: Basis) -> Sentence | None:
    trust = basis.trust
    if trust.faults or trust.strangers or not all(one.signed for one in trust.ledgers):
        return None
    return Sentence(
        rule="ledger.sound",
        text=f"All {plural(trust.entries, 'entry', 'entries')} of the record agree with its signed "
        "totals, with no gap.",
    )


def _no_breach(basis: Basis) -> Sentence | None:
    if basis.governance.breaches:
        return None
    return Sentence(
        rule="breaches.none",
        text="The school wrote down no breach and no near miss in this period.",
    )


ASSURANCE: Final[tuple[Rule, ...]] = (
    _none_came, _too_small, _checked, _held, _agrees, _no_breach,
)  # fmt: skip
