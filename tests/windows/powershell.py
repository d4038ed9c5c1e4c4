# SPDX-License-Identifier: Apache-2.0
"""Read a PowerShell script with a real grammar, and lint it for what our `install.ps1` must be.

Windows PowerShell 5.1 under Constrained Language Mode: ASCII only, no `&&`, no .NET, every change
behind the one gate, every program's exit code looked at, every function defined.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import tree_sitter
import tree_sitter_powershell

GATE = "Test-Change"
NATIVE = "Invoke-Native"

# The cmdlets of Windows PowerShell 5.1 that the script may use: reading ones, and changing ones.
READING = frozenset(
    {"ConvertFrom-Json", "Get-AuthenticodeSignature", "Get-ChildItem", "Get-Content", "Get-Date"}
    | {"Get-FileHash", "Get-ItemProperty", "Get-Service", "Join-Path", "Set-StrictMode"}
    | {"Start-Sleep", "Stop-Transcript", "Test-Path", "Where-Object", "Write-Host", "Write-Output"}
)
CHANGING = frozenset(
    {"Move-Item", "New-Item", "Remove-Item", "Set-Content", "Set-ItemProperty", "Start-Service"}
    | {"Start-Transcript", "Stop-Service"}
)
# Types that Constrained Language Mode knows and the script uses.
TYPES = frozenset({"switch", "string", "int", "version", "cmdletbinding", "parameter"})
# Methods of strings are allowed there; ShouldProcess is not, and stands behind a question.
STRING_METHODS = frozenset({"ToLowerInvariant"})
# A program may be started here without the gate: asking for the plan; starting oneself in 64 bits.
READS_ONLY = frozenset({"Get-Plan"})
STARTS_ITSELF = frozenset({"Restart-In64Bit"})

_LOOKS = re.compile(r"(?:if \([^)]*\$LASTEXITCODE\)|exit \$LASTEXITCODE)")


@dataclass(frozen=True)
class Script:
    """A parsed script."""

    text: str

    @cached_property
    def root(self) -> tree_sitter.Node:
        language = tree_sitter.Language(tree_sitter_powershell.language())
        return tree_sitter.Parser(language).parse(self.text.encode()).root_node

    @cached_property
    def functions(self) -> dict[str, tree_sitter.Node]:
        found = nodes(self.root, "function_statement")
        return {text_of(first(node, "function_name")): node for node in found}

    def commands(self) -> Iterator[tuple[str, tree_sitter.Node]]:
        """Yield name and node of each command that is called by name."""
        for node in nodes(self.root, "command"):
            names = [child for child in node.children if child.type == "command_name"]
            if names:
                yield text_of(names[0]), node


def nodes(node: tree_sitter.Node, kind: str) -> Iterator[tree_sitter.Node]:
    if node.type == kind:
        yield node
    for child in node.children:
        yield from nodes(child, kind)


def first(node: tree_sitter.Node, kind: str) -> tree_sitter.Node:
    return next(nodes(node, kind))


def child_of(node: tree_sitter.Node, kind: str) -> tree_sitter.Node:
    return next(child for child in node.children if child.type == kind)


def is_alone(node: tree_sitter.Node) -> bool:
    return len(node.children) == 1 and len(node.named_children) == 1


def kind_of(parameter: tree_sitter.Node) -> str:
    before = text_of(parameter).partition("$")[0]
    found = re.findall(r"\[(?:string|int|switch)(?:\[\])?\]", before)
    return found[-1] if found else ""


def text_of(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode()


def above(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    while node.parent is not None:
        node = node.parent
        yield node


def lint(text: str) -> list[str]:
    """Return what is wrong with a script, one sentence each."""
    script = Script(text)
    return [
        *_characters(text),
        *_grammar(script),
        *_newer_than_5(script),
        *_tries(script),
        *_names(script),
        *_types(script),
        *_methods(script),
        *_programs(script),
        *_ungated(script),
        *_parameters(script),
    ]


def _characters(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.isascii():
            yield f"line {number}: not ASCII"


def _grammar(script: Script) -> Iterator[str]:
    def faults(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
        if node.is_error or node.is_missing:
            yield node
        for child in node.children:
            yield from faults(child)

    for node in faults(script.root):
        yield f"line {node.start_point.row + 1}: the grammar finds a fault"


def _newer_than_5(script: Script) -> Iterator[str]:
    for node in nodes(script.root, "pipeline_chain_tail"):
        yield f"line {node.start_point.row + 1}: && and || came with version 7"
    for chain in nodes(script.root, "pipeline"):
        if any(child.type in {"&&", "||"} for child in chain.children):
            yield f"line {chain.start_point.row + 1}: && and || came with version 7"
    for number, line in enumerate(script.text.splitlines(), 1):
        code = re.sub(r"'[^']*'|\"[^\"]*\"|#.*", "", line)
        if re.search(r"&&|\|\||\?\?|\?\.|\s\?\s", code):
            yield f"line {number}: an operator that came with version 7"


def _tries(script: Script) -> Iterator[str]:
    for node in nodes(script.root, "try_statement"):
        if not any(c.type in {"catch_clauses", "finally_clause"} for c in node.children):
            yield f"line {node.start_point.row + 1}: a try without catch and finally"


def _names(script: Script) -> Iterator[str]:
    known = READING | CHANGING | script.functions.keys()
    called = set()
    for name, node in script.commands():
        called.add(name)
        if name not in known:
            yield f"line {node.start_point.row + 1}: {name} is neither defined nor on the list"
    for name in script.functions.keys() - called:
        yield f"{name} is never called"


def _types(script: Script) -> Iterator[str]:
    for node in nodes(script.root, "type_name"):
        if text_of(node).lower() not in TYPES:
            yield f"line {node.start_point.row + 1}: the type {text_of(node)}"
    for node in nodes(script.root, "attribute_name"):
        if text_of(node).lower() not in TYPES:
            yield f"line {node.start_point.row + 1}: the attribute {text_of(node)}"
    for name, node in script.commands():
        if name in {"Add-Type", "New-Object", "Invoke-Expression"}:
            yield f"line {node.start_point.row + 1}: {name}"


def _methods(script: Script) -> Iterator[str]:
    for node in nodes(script.root, "invokation_expression"):
        name = text_of([c for c in node.children if c.type == "member_name"][-1])
        asked = any(
            n.type == "if_statement" and "-eq 'FullLanguage'" in text_of(n) for n in above(node)
        )
        static = "::" in text_of(node)
        if static or not (name in STRING_METHODS or (name == "ShouldProcess" and asked)):
            yield f"line {node.start_point.row + 1}: a method that Constrained Language forbids"


def _programs(script: Script) -> Iterator[str]:
    """Every program is started in a place that looks at its exit code at once."""
    for node in nodes(script.root, "command"):
        named = any(child.type == "command_name" for child in node.children)
        if named and not re.search(r"\.exe\b", text_of(node).partition(" ")[0]):
            continue
        place = _function_of(node)
        if place not in STARTS_ITSELF | {NATIVE}:
            yield f"line {node.start_point.row + 1}: a program is started outside {NATIVE}"
        elif not _LOOKS.match(_next_statement(node)):
            yield f"line {node.start_point.row + 1}: nobody looks at the exit code"


def _next_statement(node: tree_sitter.Node) -> str:
    statement = node
    while statement.parent is not None and statement.parent.type != "statement_list":
        statement = statement.parent
    following = statement.next_named_sibling
    return "" if following is None else text_of(following)


def _function_of(node: tree_sitter.Node) -> str:
    for parent in above(node):
        if parent.type == "function_statement":
            return text_of(first(parent, "function_name"))
    return ""


def _behind_the_gate(node: tree_sitter.Node) -> bool:
    """Tell whether a call stands in the first block of an `if` that asks the gate."""
    child = node
    for parent in above(node):
        if parent.type == "if_statement":
            condition = parent.child_by_field_name("condition")
            blocks = [c for c in parent.children if c.type == "statement_block"]
            asks = condition is not None and text_of(condition).startswith(f"{GATE} ")
            if asks and blocks and child == blocks[0]:
                return True
        child = parent
    return False


def _ungated(script: Script) -> Iterator[str]:
    """Yield every change that can be reached without asking the gate."""
    calls = list(script.commands())

    def guarded(name: str, seen: frozenset[str]) -> bool:
        sites = [node for called, node in calls if called == name]
        return bool(sites) and all(safe(node, seen | {name}) for node in sites)

    def safe(node: tree_sitter.Node, seen: frozenset[str]) -> bool:
        place = _function_of(node)
        if _behind_the_gate(node):
            return True
        return bool(place) and place not in seen and guarded(place, seen)

    for name, node in calls:
        harmless = name == NATIVE and _function_of(node) in READS_ONLY
        if name in CHANGING | {NATIVE} and not harmless and not safe(node, frozenset()):
            yield f"line {node.start_point.row + 1}: {name} can be reached without {GATE}"


def _parameters(script: Script) -> Iterator[str]:
    """Every parameter that one of our functions is given is one that it has."""
    for name, node in script.commands():
        if name in script.functions:
            block = next(nodes(script.functions[name], "param_block"), None)
            had = set() if block is None else {text_of(v) for v in nodes(block, "variable")}
            for given in nodes(node, "command_parameter"):
                word = text_of(given).lstrip("-")
                inner = next((p for p in above(given) if p.type == "command"), None)
                if inner == node and f"${word}" not in had:
                    yield f"line {given.start_point.row + 1}: {name} has no parameter {word}"
