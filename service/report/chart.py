# SPDX-License-Identifier: Apache-2.0
"""The bar chart as SVG, drawn by ourselves: three bars a term, each with its value beside it.

A count that is not shown has no bar, only its words, so the drawing tells no more than the table.
Colours stand 4.5 to 1 or more against white, and no meaning rests on colour alone.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

COLOURS: Final = ("#1b4f8a", "#b4452c", "#5b6b7b")
INK: Final = "#222222"
_LINE: Final = "#b8c0c8"
_WIDTH: Final = 680
_LEFT: Final = 78
_TOP: Final = 40
_HEIGHT: Final = 170
_BAR: Final = 48
_GAP: Final = 10
_WORDS: Final = {"fewer than 5": "<5", "not shown": "hidden", "not recorded": "none"}


def chart_svg(chart: Mapping[str, Any], families: str, letters: int = 13) -> str:
    """Return the chart, its letters so high; every text in it is escaped."""
    values = [v for one in chart["series"] for v in one["values"] if isinstance(v, int)]
    top, step = _scale(max(values, default=0))
    parts = [*_legend(chart["series"]), *_axis(top, step), *_bars(chart, top)]
    whole = _TOP + _HEIGHT + 30
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {whole}" '
        f'font-family="{escape(families)}" font-size="{letters}" fill="{INK}">'
        f"{''.join(parts)}</svg>"
    )


def told(chart: Mapping[str, Any]) -> str:
    """Return the chart in words, for whoever does not see it."""
    lines = []
    for place, group in enumerate(chart["groups"]):
        listed = ", ".join(
            f"{one['name']}: {_full(one['values'][place])}" for one in chart["series"]
        )
        lines.append(f"{group}. {listed}.")
    return f"{chart['title']}. " + " ".join(lines)


def _full(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _scale(most: int) -> tuple[int, int]:
    """Return the top of the axis and the step of its lines: whole numbers, at most five lines."""
    step = 1
    while step * 5 < most:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return max(4 if step == 1 else 1, -(-most // step)) * step, step


def _legend(series: Sequence[Mapping[str, Any]]) -> list[str]:
    parts = []
    for place, (one, colour) in enumerate(zip(series, COLOURS, strict=True)):
        x = _LEFT + place * 200
        parts.append(f'<rect x="{x}" y="6" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 18}" y="17">{escape(one["name"])}</text>')
    return parts


def _axis(top: int, step: int) -> list[str]:
    parts = []
    for value in range(0, top + 1, step):
        y = _y(value, top)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH}" stroke="{_LINE}" stroke-width="0.5"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:,}</text>')
    return parts


def _bars(chart: Mapping[str, Any], top: int) -> list[str]:
    groups = chart["groups"]
    width = (_WIDTH - _LEFT) / max(1, len(groups))
    parts = []
    for place, group in enumerate(groups):
        middle = _LEFT + width * (place + 0.5)
        y = _TOP + _HEIGHT + 22
        parts.append(f'<text x="{middle:.1f}" y="{y}" text-anchor="middle">{escape(group)}</text>')
        start = middle - (3 * _BAR + 2 * _GAP) / 2
        for number, (one, colour) in enumerate(zip(chart["series"], COLOURS, strict=True)):
            parts.append(_bar(one["values"][place], start + number * (_BAR + _GAP), top, colour))
    return parts


def _bar(value: object, x: float, top: int, colour: str) -> str:
    """Return one bar with its value above it, or the words alone on the axis."""
    number = value if isinstance(value, int) else 0
    y = _y(number, top)
    text = f"{number:,}" if isinstance(value, int) else escape(_WORDS.get(str(value), "none"))
    label = (
        f'<text x="{x + _BAR / 2:.1f}" y="{min(y, _TOP + _HEIGHT) - 5:.1f}" text-anchor="middle"'
        f' font-weight="bold">{text}</text>'
    )
    if number == 0:
        return label
    tall = max(1.0, _TOP + _HEIGHT - y)
    y = _TOP + _HEIGHT - tall
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{_BAR}" height="{tall:.1f}" fill="{colour}"/>{label}'
    )


def _y(value: int, top: int) -> float:
    return _TOP + _HEIGHT - _HEIGHT * value / top
