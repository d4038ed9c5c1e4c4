# SPDX-License-Identifier: Apache-2.0
"""A report as one HTML file: no script, nothing fetched, readable by a screen reader, prints well.

Everything from the model is escaped; the markup is ours alone.
"""

from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any, Final

from service.report import chart
from service.report.document import Block, blocks_of, head_of

TITLE: Final = "Photo governance report to governors"
_FAMILIES: Final = "Verdana, 'DejaVu Sans', sans-serif"
_STYLE: Final = "report.css"


def web_page(
    model: Mapping[str, Any], code: str, approved_on: str | None, *, large_print: bool = False
) -> bytes:
    """Return the page; `code` is the square code as SVG, `approved_on` None for a draft."""
    heading = escape(TITLE)
    body = [
        f"<h1>{heading}</h1>",
        f"<p><strong>{escape(model['school'])}</strong></p>",
        *(f"<p>{escape(line)}</p>" for line in head_of(model)),
        _standing(approved_on),
        *(_block(one, code, number) for number, one in enumerate(blocks_of(model))),
    ]
    style = (files(__package__) / _STYLE).read_text("utf-8")
    large = ' class="large"' if large_print else ""
    title = escape(f"{TITLE}, {model['term']}, {model['school']}")
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n"
        f"<body{large}>\n<main>\n" + "\n".join(body) + "\n</main>\n</body>\n</html>\n"
    ).encode()


def _standing(approved_on: str | None) -> str:
    if approved_on is None:
        return (
            '<p class="draft">Draft: not approved by the headteacher yet. Not for the minutes.</p>'
        )
    return f"<p>Approved by the headteacher on {escape(approved_on)}.</p>"


def _block(block: Block, code: str, number: int) -> str:
    kind = block["block"]
    if kind == "beside":
        inner = "".join(_BLOCKS[one["block"]](one) for one in block["inner"])
        label = escape(block["label"])
        return f'<div class="code" role="img" aria-label="{label}">{code}</div>{inner}'
    if kind == "chart":
        return _chart(block, number)
    return _BLOCKS[kind](block)


def _heading(block: Block) -> str:
    return f"<h2>{escape(block['text'])}</h2>"


def _text(block: Block) -> str:
    return f"<p>{escape(block['text'])}</p>"


def _note(block: Block) -> str:
    return f'<p class="note">{escape(block["text"])}</p>'


def _list(block: Block) -> str:
    return "<ul>" + "".join(f"<li>{escape(one)}</li>" for one in block["items"]) + "</ul>"


def _steps(block: Block) -> str:
    items = (
        f"<li><strong>{escape(one['strong'])}</strong> {escape(one['text'])}</li>"
        for one in block["items"]
    )
    return "<ol>" + "".join(items) + "</ol>"


def _table(block: Block) -> str:
    widths = "".join(f'<col style="width:{width}%">' for width in block["widths"])
    heads = "".join(f'<th scope="col">{escape(one)}</th>' for one in block["columns"])
    rows = "".join(_row(row, block["strong"]) for row in block["rows"])
    caption = escape(block["caption"])
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table>'
        f"<caption>{caption}</caption><colgroup>{widths}</colgroup>"
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(cells: Sequence[str], strong: int | None) -> str:
    first, *rest = cells
    inner = "".join(
        f'<td class="strong">{escape(one)}</td>' if place == strong else f"<td>{escape(one)}</td>"
        for place, one in enumerate(rest, 1)
    )
    return f'<tr><th scope="row">{escape(first)}</th>{inner}</tr>'


def _chart(block: Block, number: int) -> str:
    drawn = chart.chart_svg(block, _FAMILIES)
    label = f'<svg role="img" aria-labelledby="chart-{number}" '
    described = f'<title id="chart-{number}">{escape(chart.told(block))}</title>'
    start, _, rest = drawn.partition(">")
    svg = start.replace("<svg ", label) + ">" + described + rest
    return f"<figure><figcaption>{escape(block['title'])}</figcaption>{svg}</figure>"


def _box(block: Block) -> str:
    inner = "".join(_BLOCKS[one["block"]](one) for one in block["inner"])
    return (
        f'<div class="box {escape(block["tone"])}"><h2>{escape(block["title"])}</h2>{inner}</div>'
    )


def _fingerprint(block: Block) -> str:
    groups = block["groups"]
    lines = "<br>".join(" ".join(groups[start : start + 6]) for start in range(0, len(groups), 6))
    label = escape(block["label"])
    return f'<p><strong>{label}</strong><br><span class="fingerprint">{lines}</span></p>'


def _signatures(block: Block) -> str:
    return (
        '<div class="signatures">'
        + "".join(f"<p>{escape(one)}</p>" for one in block["labels"])
        + "</div>"
    )


_BLOCKS: Final = {
    "heading": _heading,
    "text": _text,
    "note": _note,
    "list": _list,
    "steps": _steps,
    "table": _table,
    "box": _box,
    "fingerprint": _fingerprint,
    "signatures": _signatures,
}
