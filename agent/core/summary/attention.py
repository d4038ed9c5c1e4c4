# SPDX-License-Identifier: Apache-2.0
"""Rules for what needs the board's attention, the gravest first.

Each says nothing where there is nothing to say; most ask the board for something.
"""

from datetime import date, timedelta
from typing import Final

from agent.core.summary import figures as cell
from agent.core.summary.basis import Basis, Rule, Sentence, counted, figure, some
from agent.core.summary.facts import Regulator
from agent.core.summary.words import day, number_word, plural

SILENT_DAYS: Final = 10
"""A computer that has written nothing for so many school days is named."""
OFF_DAYS: Final = 3
"""A time that the program was off is named from so many school days on."""
_REGISTER_DAYS: Final = 30
_RESTORE_DAYS: Final = 366


def _ledger_broken(basis: Basis) -> Sentence | None:
    faults = basis.trust.faults
    if not faults:
        return None
    return Sentence(
        rule="ledger.broken",
        text=f"The record does not agree with its own signed totals in {plural(faults, 'place')}. "
        "Figures in this report cannot be relied on until that is explained.",
        board=("Decide", "who finds out why the record does not agree with its signed totals."),
    )


def _rewritten(basis: Basis) -> Sentence | None:
    earlier = basis.trust.earlier
    if earlier is None or earlier.still_there:
        return None
    return Sentence(
        rule="ledger.rewritten",
        text="The record no longer begins with what the last report was made from: "
        "it was changed afterwards.",
        board=("Decide", "who finds out how the record was changed after the last report."),
    )


def _strangers(basis: Basis) -> Sentence | None:
    number = basis.trust.strangers
    if not number:
        return None
    return Sentence(
        rule="ledger.stranger",
        text=f"{plural(number, 'record')} in the storage could not be tied to a computer of the "
        "school, and what is in there is left out of this report.",
        board=("Note", "that not every record in the storage is accounted for."),
    )


def _deleted(basis: Basis) -> Sentence | None:
    if not basis.records.deleted_unproven:
        return None
    return Sentence(
        rule="originals.unproven",
        text="Original files were deleted for which the record holds no stored copy.",
        board=("Decide", "who explains the originals that were deleted without a stored copy."),
    )


def _unproven(basis: Basis) -> Sentence | None:
    number = basis.records.kept_unproven
    if not number:
        return None
    return Sentence(
        rule="kept.unproven",
        text=f"{plural(number, 'decision')} to keep a picture did not name a consent register.",
        board=("Decide", "who explains the decisions that name no consent register."),
    )


def _breaches(basis: Basis) -> Sentence | None:
    breaches = basis.governance.breaches
    if not breaches:
        return None
    late = any(one.regulator in (Regulator.LATE, Regulator.UNDECIDED) for one in breaches)
    judged = (
        "Whether the Information Commissioner had to be told was late or is open."
        if late
        else "Whether the Information Commissioner had to be told was judged within 72 hours."
    )
    some_breaches = plural(len(breaches), "breach or near miss", "breaches or near misses")
    return Sentence(
        rule="breaches.some",
        text=f"The school wrote down {some_breaches}. {judged}",
        board=("Note", f"{some_breaches}, and what was done."),
    )


def _late_answers(basis: Basis) -> Sentence | None:
    late = sum(
        one.received - one.in_time
        for one in (basis.governance.complaints, basis.governance.requests)
    )
    if not late:
        return None
    return Sentence(
        rule="answers.late",
        text=f"{plural(late, 'complaint or request', 'complaints or requests')} about pictures "
        f"{'was' if late == 1 else 'were'} not answered in the time of the law.",
        board=("Note", "answers that came too late, and ask what will change."),
    )


def _unanswered(basis: Basis) -> Sentence | None:
    if not some(basis, cell.UNANSWERED):
        return None
    who = counted(figure(basis, cell.UNANSWERED), "person", "people")
    have = "has" if who.startswith("1 ") else "have"
    return Sentence(
        rule="register.unanswered",
        text=f"{who} on the register {have} no recorded choice. "
        "Pictures that may show them are held.",
        board=("Agree", "the office's plan to obtain the choices that are missing."),
    )


def silence(basis: Basis) -> Sentence | None:
    """Say which computers wrote nothing for long."""
    silent = [one for one in basis.trust.ledgers if one.silent_days >= SILENT_DAYS]
    if not silent:
        return None
    return Sentence(
        rule="computers.silent",
        text=f"{number_word(len(silent))} of {plural(len(basis.trust.ledgers), 'record')} had "
        f"{SILENT_DAYS} school days or more without an entry; whether the computer was off or the "
        "program was, the record cannot know.",
        board=("Note", "the computers that wrote nothing for long."),
    )


def _off(basis: Basis) -> Sentence | None:
    off = [one for one in basis.trust.ledgers if one.off_days >= OFF_DAYS]
    if not off:
        return None
    return Sentence(
        rule="program.off",
        text=f"On {plural(len(off), 'school computer')} the program was off for {OFF_DAYS} school "
        "days or more; the longest time was "
        f"{plural(max(one.off_days for one in off), 'school day')}.",
        board=("Note", "the time that the program was off, and ask why."),
    )


def _register_old(basis: Basis) -> Sentence | None:
    last = basis.records.last_register
    if last is not None and basis.heading.made - last <= timedelta(days=_REGISTER_DAYS):
        return None
    when = "in this period" if last is None else f"since {day(last)}"
    return Sentence(
        rule="register.old",
        text=f"The consent register was not published to the school's computers {when}.",
        board=("Agree", "that the office publishes the register at least every 30 days."),
    )


def _policy_due(basis: Basis) -> Sentence | None:
    return _due(basis, "policy.overdue", "The photo policy", basis.governance.policy_review_due)


def _assessment_due(basis: Basis) -> Sentence | None:
    due = basis.governance.impact_assessment_due
    return _due(basis, "assessment.overdue", "The impact assessment (DPIA)", due)


def _due(basis: Basis, rule: str, what: str, due: date | None) -> Sentence | None:
    if due is not None and due >= basis.heading.made:
        return None
    text = f"{what} has no review date." if due is None else f"{what} was due for review."
    return Sentence(
        rule=rule, text=text, board=("Agree", f"a date for reviewing {what[:1].lower()}{what[1:]}.")
    )


def _restore(basis: Basis) -> Sentence | None:
    tested, made = basis.governance.restore_tested, basis.heading.made
    if (
        tested
        and basis.governance.restore_worked
        and made - tested <= timedelta(days=_RESTORE_DAYS)
    ):
        return None
    return Sentence(
        rule="restore.untested",
        text="No backup of the pictures was restored as a test, with success, in the last year.",
        board=("Agree", "a date for a test of the backup."),
    )


def _clock(basis: Basis) -> Sentence | None:
    back = sum(one.backwards for one in basis.trust.ledgers)
    if not back and not basis.records.clock_untrusted:
        return None
    return Sentence(
        rule="clock.wrong",
        text="The clock of a school computer was wrong at times. Pictures were held meanwhile; "
        "the order of the record does not depend on clocks.",
    )


def _damaged(basis: Basis) -> Sentence | None:
    stored = basis.stored
    if stored is None or stored.sound == stored.objects:
        return None
    return Sentence(
        rule="storage.damaged",
        text="Not every stored picture could be read back as it was stored.",
        board=("Decide", "that what is damaged or missing in the storage is restored."),
    )


ATTENTION: Final[tuple[Rule, ...]] = (
    _ledger_broken, _rewritten, _strangers, _unproven, _deleted, _damaged, _breaches, _late_answers,
    _unanswered, silence, _off, _register_old, _policy_due, _assessment_due, _restore, _clock,
)  # fmt: skip
