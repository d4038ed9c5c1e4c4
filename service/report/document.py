# SPDX-License-Identifier: Apache-2.0
"""The blocks of a report, from its model alone; HTML and PDF are made from the same blocks.

A block is a plain mapping with its kind in `block`: heading, text, note, list, steps, table, chart,
box, beside, fingerprint, signatures. No block holds markup.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

Block = Mapping[str, Any]
_LOWEST_FIGURE: Final = "5"


def blocks_of(model: Mapping[str, Any]) -> list[Block]:
    """Return everything that a report shows below its head, in order."""
    return [
        _in_short(model),
        *_board(model),
        *_key_figures(model),
        *_breaches(model),
        *_acts(model),
        *_keeping(model),
        *_trust(model),
        *_questions(model),
        *_small_print(model),
    ]


def head_of(model: Mapping[str, Any]) -> list[str]:
    """Return the lines below the title: term, days, meeting, who made and who read it."""
    meeting = f" For the meeting on {model['meeting']}." if model["meeting"] else ""
    reviewed = f", reviewed by {model['reviewed_by']}" if model["reviewed_by"] else ""
    return [
        f"{model['term']}: {model['first']} to {model['last']}. Made on {model['made']}.{meeting}",
        f"Prepared by: {model['prepared_by']}{reviewed}.",
    ]


def _in_short(model: Mapping[str, Any]) -> Block:
    lines = [one["text"] for one in model["in_short"]]
    return {
        "block": "box",
        "tone": "warm",
        "title": f"In short: {model['status']}",
        "inner": [{"block": "list", "items": lines}],
    }


def _board(model: Mapping[str, Any]) -> list[Block]:
    steps = [{"strong": one["verb"], "text": one["text"]} for one in model["board"]]
    return [_heading("For the board to decide or note"), {"block": "steps", "items": steps}]


def _key_figures(model: Mapping[str, Any]) -> list[Block]:
    if not model["columns"]:
        return []
    unit = "year" if model["yearly"] else "term"
    parts, columns = ["what", "this"], ["Measure", f"This {unit}"]
    widths, caption = [72, 28], f"Pictures and permissions, this {unit}"
    if len(model["columns"]) > 1:
        parts, columns = [*parts, "last", "change"], [*columns, f"Last {unit}", "What changed"]
        widths, caption = [49, 17, 17, 17], f"{caption} beside the last"
    rows = [[one[part] for part in parts] for one in model["key_figures"]]
    return [
        _heading("Key figures"),
        _table(caption, columns, rows, widths, strong=1),
        _chart(model["chart"]),
    ]


def _chart(chart: Mapping[str, Any]) -> Block:
    values = [value for one in chart["series"] for value in one["values"]]
    if not any(isinstance(value, int) and value for value in values):
        return _text("There is nothing to draw: no count of pictures can be shown, or none came.")
    return {"block": "chart", **chart}


def _breaches(model: Mapping[str, Any]) -> list[Block]:
    if not model["breaches"]:
        text = "The school wrote down no breach and no near miss in this period."
        return [_heading("Breaches and near misses"), _text(text)]
    columns = (
        "Ref.", "When", "What happened", "What was done", "ICO told?", "To stop it again",
    )  # fmt: skip
    widths = (10, 14, 23, 20, 14, 19)
    table = _table("Breaches and near misses", columns, model["breaches"], widths)
    return [_heading("Breaches and near misses"), table]


def _acts(model: Mapping[str, Any]) -> list[Block]:
    heading = _heading("What people did")
    if not model["acts"]:
        return [heading, _text("The record holds no act of a person in this period.")]
    columns, widths = ("Act", "How often"), (75, 25)
    table = _table("Acts of people", columns, model["acts"], widths)
    return [heading, table]


def _keeping(model: Mapping[str, Any]) -> list[Block]:
    columns, widths = ("Check", "Result"), (60, 40)
    return [
        _heading("Keeping pictures, and what the school answers for"),
        _table("Checks and dates", columns, [*model["keeping"], *model["dates"]], widths),
    ]


def _trust(model: Mapping[str, Any]) -> list[Block]:
    trust = model["trust"]
    columns = ("Record", "Entries", "New", "Last entry", "Longest silence", "Found")
    gaps = "no gap" if trust["faults"] == "0" else f"{trust['faults']} faults"
    told = (
        f"Every decision is written into a record that can only be added to. It has "
        f"{trust['entries']} entries, {trust['new']} of them new, and {gaps}. The numbers below "
        "are its fingerprint. Whoever changes, removes or back-dates an entry made before this "
        "report changes the fingerprint, and the paper in the minutes shows it. Entries made after "
        "this report are not covered until the next one is filed."
    )
    checked = (
        f"An earlier fingerprint was last checked, and found, on {trust['checked']}."
        if trust["checked"]
        else "No earlier fingerprint has been checked yet."
    )
    return [
        _heading("Can you trust these figures?"),
        {
            "block": "beside",
            "label": "Square code: the signed state of the record",
            "inner": [
                _text(told),
                _fingerprint("This report", trust["fingerprint"]),
                *_earlier(trust["earlier"]),
                _text(checked),
            ],
        },
        _five_minutes(trust["earlier"]),
        _table(
            "The record of each computer, and whether it agrees with its signed total",
            columns,
            model["ledgers"],
            (23, 13, 11, 22, 19, 12),
        ),
        {"block": "signatures", "labels": ["Headteacher", "Governor who checked"]},
    ]


def _earlier(earlier: Mapping[str, Any] | None) -> list[Block]:
    if earlier is None:
        return [_text("This is the first report: there is no earlier paper to compare with.")]
    found = (
        "The record still begins with what that report was made from."
        if earlier["still_there"]
        else "The record no longer contains what that report was made from."
    )
    return [
        _fingerprint(
            f"Last report, {earlier['made']} (should match the paper in the minutes)",
            earlier["fingerprint"],
        ),
        _text(found),
    ]


def _fingerprint(label: str, text: str) -> Block:
    return {"block": "fingerprint", "label": label, "groups": text.split()}


def _five_minutes(earlier: Mapping[str, Any] | None) -> Block:
    which = "the last report's fingerprint" if earlier else "this fingerprint, next time,"
    text = (
        f"Sign in to the console, open “Reports” and “Check the record”, and type in {which} from "
        "your own paper copy. The screen must say that it was found. To be independent of the "
        "school's computers, ask for an export of the record on a stick and run check_ledger.py, "
        "which is in it, on your own laptop."
    )
    return {
        "block": "box",
        "tone": "cool",
        "title": "A five-minute check by any governor",
        "inner": [_text(text)],
    }


def _questions(model: Mapping[str, Any]) -> list[Block]:
    items = list(model["questions"])
    return [_heading("Questions governors may wish to ask"), {"block": "list", "items": items}]


def _small_print(model: Mapping[str, Any]) -> list[Block]:
    figures = (
        f"Counts of 1 to 4 are shown as “fewer than {_LOWEST_FIGURE}”, and further counts are not "
        "shown where they would give the first away, also together with earlier reports. Counts of "
        "what staff did are shown in full."
        if model["columns"]
        else "Counts of pictures and children are given once a year in a school of this size."
    )
    reach = (
        "The report knows what came through school computers running this program, and nothing of "
        "any other device. No face is recognised. Ask the office for this report in large print or "
        "as a web page."
    )
    return [
        {"block": "note", "text": f"No child can be identified from this report. {figures} {reach}"}
    ]


def _heading(text: str) -> Block:
    return {"block": "heading", "text": text}


def _text(text: str) -> Block:
    return {"block": "text", "text": text}


def _table(
    caption: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    strong: int | None = None,
) -> Block:
    """Return a table; widths are percentages, `strong` is the column that stands out."""
    return {
        "block": "table",
        "caption": caption,
        "columns": list(columns),
        "rows": [list(row) for row in rows],
        "widths": list(widths),
        "strong": strong,
    }
