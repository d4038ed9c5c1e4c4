# SPDX-License-Identifier: Apache-2.0
"""Make the mutants of one module: each is the module with exactly one small fault in it.

Nothing is written to disk; a mutant is a text. Annotations, decorators and docstrings are left
alone, because no test of behaviour could tell the difference.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

Change = Callable[[ast.AST], None]
Named = tuple[str, Change]

_COMPARISONS: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_ENUMS: Final = frozenset(
    {"Capacity", "Concern", "Coverage", "Grade", "Says", "Standing", "TagSource", "Verdict"}
)
_REMOVABLE: Final = (ast.Raise, ast.Continue, ast.Expr, ast.AugAssign)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One fault: the line and column it stands on, what was done, and the whole module's text."""

    line: str
    column: int
    what: str
    text: str

    @property
    def name(self) -> str:
        """What to call it, for as long as the line stays as it is, wherever it moves."""
        return f"{self.line} @{self.column}: {self.what}"


def mutants_of(source: str) -> list[Mutant]:
    """Return every mutant of a module's source, in a fixed order, each text once."""
    tree = ast.parse(source)
    lines, words = source.splitlines(), _enum_words(tree)
    seen = {ast.unparse(tree)}
    found: list[Mutant] = []
    for number, node in _behaviour(tree):
        for what, change in _changes(node, words):
            twin = copy.deepcopy(tree)
            change(list(ast.walk(twin))[number])
            text = ast.unparse(ast.fix_missing_locations(twin))
            if text not in seen:
                seen.add(text)
                found.append(_mutant(lines, node, what, text))
    return found


def _mutant(lines: list[str], node: ast.AST, what: str, text: str) -> Mutant:
    line = lines[getattr(node, "lineno", 1) - 1]
    indent = len(line) - len(line.lstrip())
    column = getattr(node, "col_offset", indent) - indent
    return Mutant(line=line.strip(), column=column, what=what, text=text)


def _behaviour(tree: ast.Module) -> list[tuple[int, ast.AST]]:
    """Return the nodes that do something, each with its number in the order of `ast.walk`."""
    silent = {id(inner) for node in ast.walk(tree) for inner in _silent(node)}
    return [(i, node) for i, node in enumerate(ast.walk(tree)) if id(node) not in silent]


def _silent(node: ast.AST) -> Iterator[ast.AST]:
    roots: list[ast.AST | None] = []
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        roots += node.decorator_list
    if isinstance(node, ast.FunctionDef):
        roots.append(node.returns)
    if isinstance(node, ast.AnnAssign | ast.arg):
        roots.append(node.annotation)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
        roots.append(node.slice)
    for root in roots:
        if root is not None:
            yield from ast.walk(root)


def _enum_words(tree: ast.Module) -> dict[str, list[str]]:
    """Return the members of each closed list that the module names."""
    words: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if _is_word(node):
            known = words.setdefault(node.value.id, [])
            if node.attr not in known:
                known.append(node.attr)
    return words


def _is_word(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in _ENUMS
        and node.attr.isupper()
    )


def _changes(node: ast.AST, words: dict[str, list[str]]) -> Iterator[Named]:
    yield from _compared(node)
    yield from _combined(node)
    yield from _constant(node)
    yield from _returned(node)
    yield from _removed_statement(node)
    yield from _removed_entry(node)
    yield from _swapped_word(node, words)


def _compared(node: ast.AST) -> Iterator[Named]:
    if isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            for other in _COMPARISONS[type(operator)]:
                yield (
                    f"{type(operator).__name__} {index} becomes {other.__name__}",
                    _item("ops", index, other()),
                )


def _combined(node: ast.AST) -> Iterator[Named]:
    if isinstance(node, ast.BoolOp):
        is_and = isinstance(node.op, ast.And)
        yield (
            ("and becomes or", _field("op", ast.Or()))
            if is_and
            else ("or becomes and", _field("op", ast.And()))
        )
        for index in range(len(node.values)):
            yield f"operand {index} is the neutral one", _item("values", index, _bool(is_and))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not is removed", _field("operand", ast.UnaryOp(ast.Not(), node.operand))
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        other = _ARITHMETIC[type(node.op)]
        yield (
            f"{type(node.op).__name__} becomes {other.__name__}",
            _field("op", other()),
        )


def _bool(value: object) -> ast.Constant:
    return ast.Constant(value=bool(value))


def _constant(node: ast.AST) -> Iterator[Named]:
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield f"{node.value} becomes {not node.value}", _field("value", not node.value)
    elif isinstance(node.value, int):
        for other in (node.value + 1, node.value - 1):
            yield f"{node.value} becomes {other}", _field("value", other)


def _returned(node: ast.AST) -> Iterator[Named]:
    if isinstance(node, ast.Return) and node.value is not None:
        for value in (None, False):
            yield f"returns {value}", _field("value", ast.Constant(value=value))


def _removed_statement(node: ast.AST) -> Iterator[Named]:
    if isinstance(node, ast.If):
        yield "the body of if is removed", _field("body", [ast.Pass()])
    for name in ("body", "orelse"):
        statements = getattr(node, name, None)
        for index, one in enumerate(statements if isinstance(statements, list) else []):
            if isinstance(one, _REMOVABLE) and not _is_docstring(one):
                what = f"{type(one).__name__} {index} of its {name} is removed"
                yield what, _item(name, index, ast.Pass())


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _removed_entry(node: ast.AST) -> Iterator[Named]:
    is_literal = isinstance(node, ast.Set) or (
        isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load)
    )
    if is_literal or isinstance(node, ast.Dict):
        entries = node.values if isinstance(node, ast.Dict) else node.elts
        for index in range(len(entries)):
            yield f"entry {index} is removed", _without(index)


def _swapped_word(node: ast.AST, words: dict[str, list[str]]) -> Iterator[Named]:
    if _is_word(node):
        known = words[node.value.id]
        other = known[(known.index(node.attr) + 1) % len(known)]
        yield f"{node.attr} becomes {other}", _field("attr", other)


def _field(name: str, value: object) -> Change:
    return lambda node: setattr(node, name, value)


def _item(name: str, index: int, value: ast.AST) -> Change:
    return lambda node: getattr(node, name).__setitem__(index, value)


def _without(index: int) -> Change:
    def change(node: ast.AST) -> None:
        for name in ("elts", "keys", "values"):
            if hasattr(node, name):
                getattr(node, name).pop(index)

    return change
