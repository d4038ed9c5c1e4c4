# SPDX-License-Identifier: Apache-2.0
"""Nothing hidden can be worked out: an oracle that tries every table judges what is shown."""

from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.summary.numbers import (
    CHOICES,
    THRESHOLD,
    Cell,
    Exact,
    Shown,
    Sum,
    Veiled,
    exposed,
    veil,
)

PARTS = ("a", "b", "c", "d")
TOTAL = Sum(("total",), PARTS)
REACH = 16


def table(*values: int) -> dict[str, Cell]:
    cells = {key: Cell(value=value) for key, value in zip(PARTS, values, strict=True)}
    return {**cells, "total": Cell(value=sum(values))}


def may_be(shown: Shown) -> range:
    """Return what a reader may think of one cell; no value beyond a small table matters."""
    if isinstance(shown, Exact):
        return range(shown.value, shown.value + 1)
    return {
        Veiled.FEWER: range(1, THRESHOLD),
        Veiled.HIDDEN: range(THRESHOLD, REACH),
        Veiled.WITHHELD: range(REACH),
    }[shown]


def readings(shown: Mapping[str, Shown]) -> Iterator[dict[str, int]]:
    """Yield every table of four parts and a total that fits what is shown, by trying all."""
    for values in product(*(may_be(shown[key]) for key in PARTS)):
        total, whole = sum(values), shown["total"]
        fits = (
            total in may_be(whole)
            if isinstance(whole, Exact) or whole is Veiled.FEWER
            else total >= (THRESHOLD if whole is Veiled.HIDDEN else 0)
        )
        if fits:
            yield {**dict(zip(PARTS, values, strict=True)), "total": total}


def choices(shown: Mapping[str, Shown]) -> dict[str, set[int]]:
    veiled = [key for key, now in shown.items() if isinstance(now, Veiled)]
    found: dict[str, set[int]] = {key: set() for key in veiled}
    for reading in readings(shown):
        for key in veiled:
            found[key].add(reading[key])
    return found


SMALL = st.integers(0, 9)


@given(st.tuples(SMALL, SMALL, SMALL, SMALL))
def test_no_hidden_count_of_a_table_can_be_worked_out(values: tuple[int, ...]) -> None:
    shown = veil(table(*values), [TOTAL])
    assert all(len(found) >= CHOICES for found in choices(shown).values()), shown


@given(st.tuples(SMALL, SMALL, SMALL, SMALL))
def test_what_is_shown_is_true(values: tuple[int, ...]) -> None:
    cells = table(*values)
    for key, now in veil(cells, [TOTAL]).items():
        assert cells[key].value in may_be(now) or cells[key].value >= REACH


@given(st.tuples(*[st.integers(5, 100_000) | st.just(0)] * 4))
def test_a_table_without_small_counts_is_shown_as_it_is(values: tuple[int, ...]) -> None:
    assert all(isinstance(now, Exact) for now in veil(table(*values), [TOTAL]).values())


def test_the_tests_oracle_sees_an_open_table() -> None:
    """The rule of thumb that hides only the next smallest is open: two that add up to two."""
    shown: dict[str, Shown] = {
        "a": Veiled.FEWER,
        "b": Veiled.FEWER,
        "c": Exact(6),
        "d": Exact(7),
        "total": Exact(15),
    }
    assert choices(shown) == {"a": {1}, "b": {1}}
    assert veil(table(1, 1, 6, 7), [TOTAL]) != shown


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0, 0, 0, 0), "0 0 0 0 0"),
        ((1, 0, 0, 0), "fewer 0 0 0 fewer"),
        ((4, 0, 0, 0), "fewer 0 0 0 fewer"),
        ((5, 0, 0, 0), "5 0 0 0 5"),
        ((3, 9, 0, 0), "fewer hidden 0 0 12"),
        ((3, 9, 8, 0), "fewer hidden 8 0 20"),
        ((2, 4, 9, 20), "fewer fewer 9 20 35"),
        ((4, 4, 9, 20), "fewer fewer hidden 20 37"),
        ((1, 1, 0, 0), "fewer fewer 0 0 fewer"),
        ((4, 4, 0, 0), "fewer fewer 0 0 hidden"),
    ],
)
def test_these_tables_are_shown_so(values: tuple[int, ...], expected: str) -> None:
    shown = veil(table(*values), [TOTAL])
    words = [
        str(now.value) if isinstance(now, Exact) else now.value
        for now in (shown[key] for key in (*PARTS, "total"))
    ]
    assert " ".join(words) == expected


def test_running_the_program_backwards_finds_no_hidden_count() -> None:
    """Who knows which count is hidden next, and tries every table, is left with two at least."""
    alike: dict[tuple[Shown, ...], list[tuple[int, ...]]] = {}
    for values in product(range(14), repeat=3):
        shown = veil(table(*values, 0), [TOTAL])
        alike.setdefault(tuple(shown.values()), []).append(values)
    for shown_alike, tables in alike.items():
        if max(tables[0]) < 9:  # what is hidden beside may be larger than what is tried here
            for place in range(3):
                if shown_alike[place] is Veiled.FEWER:
                    assert len({values[place] for values in tables}) > 1, tables


def test_what_came_between_two_reports_cannot_be_taken_from_them() -> None:
    """20 were published; 22 would say that two came since."""
    cells = {
        "then": Cell(value=20, published=Exact(20)),
        "since": Cell(value=2, silent=True),
        "now": Cell(value=22),
    }
    between = Sum(("now",), ("then", "since"))
    assert veil(cells, [between]) == {"then": Exact(20), "now": Veiled.HIDDEN}
    many = {**cells, "since": Cell(value=9, silent=True), "now": Cell(value=29)}
    assert veil(many, [between])["now"] == Exact(29)


def test_what_was_published_stays_and_is_worked_around() -> None:
    """A count that an earlier report hid stays hidden although it is shown to be large now."""
    cells = table(3, 9, 8, 7)
    cells["b"] = Cell(value=9, published=Veiled.HIDDEN)
    shown = veil(cells, [TOTAL])
    assert shown["b"] is Veiled.HIDDEN
    assert shown["c"] == Exact(8)


def test_what_an_earlier_report_veiled_is_not_given_away_by_a_later_one() -> None:
    """12 of which 10 are shown would tell that the veiled one was 2."""
    cells = {
        "then": Cell(value=2, published=Veiled.FEWER),
        "since": Cell(value=10),
        "now": Cell(value=12),
    }
    shown = veil(cells, [Sum(("now",), ("then", "since"))])
    assert shown == {"then": Veiled.FEWER, "since": Veiled.HIDDEN, "now": Exact(12)}


def test_a_veiled_count_that_late_entries_moved_does_not_lock_everything() -> None:
    cells = {"then": Cell(value=9, published=Veiled.FEWER), "now": Cell(value=30)}
    assert veil(cells, [])["now"] == Exact(30)


def test_a_sum_that_what_was_published_contradicts_is_no_knowledge() -> None:
    cells = table(5, 9, 8, 7)
    cells["a"] = Cell(value=5, published=Exact(6))
    assert veil(cells, [TOTAL])["total"] == Exact(29)


def test_where_hiding_cannot_help_everything_is_withheld() -> None:
    cells = {
        "small": Cell(value=2),
        "then": Cell(value=10, published=Exact(10)),
        "now": Cell(value=12, published=Exact(12)),
        "other": Cell(value=7),
    }
    shown = veil(cells, [Sum(("now",), ("then", "small"))])
    assert shown["small"] is Veiled.WITHHELD
    assert shown["other"] is Veiled.WITHHELD
    assert shown["now"] == Exact(12)


@given(
    st.tuples(SMALL, SMALL, SMALL, SMALL),
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6), st.integers(0, 6)),
)
def test_two_reports_together_give_nothing_away(
    first: tuple[int, ...], added: tuple[int, ...]
) -> None:
    """A second report of the same matter may not tell what the first hid, nor what came between."""
    earlier = veil(table(*first), [TOTAL])
    cells: dict[str, Cell] = {}
    rows = ((*PARTS, "total"), (*first, sum(first)), (*added, sum(added)))
    for key, value, more in zip(*rows, strict=True):
        cells[f"{key} then"] = Cell(value=value, published=earlier[key])
        cells[f"{key} since"] = Cell(value=more, silent=True)
        cells[f"{key} now"] = Cell(value=value + more)
    sums = [
        *(Sum((f"{k} now",), (f"{k} then", f"{k} since")) for k in (*PARTS, "total")),
        *(Sum((f"total {w}",), tuple(f"{k} {w}" for k in PARTS)) for w in ("then", "since", "now")),
    ]
    shown = veil(cells, sums)
    fresh = [now for key, now in shown.items() if cells[key].published is None]
    if any(now is not Veiled.WITHHELD for now in fresh):
        assert exposed(cells, sums, shown) == []
    for key in PARTS:
        small = 0 < cells[f"{key} since"].value < THRESHOLD
        both = [shown[f"{key} then"], shown[f"{key} now"]]
        assert not (small and all(isinstance(now, Exact) for now in both)), key
