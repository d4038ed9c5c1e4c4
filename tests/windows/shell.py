# SPDX-License-Identifier: Apache-2.0
"""Run the part of PowerShell that `install.ps1` is written in, over an invented Windows.

No PowerShell is to be had where the tests run, so this reads the script's syntax tree and does
what the language reference says: dynamic scopes, parameters by name, output that unrolls, strict
mode. What it does not know it refuses, so nothing passes by being skipped. It is a second reading
of the script, not a proof about Windows; that is the checklist of docs/deployment.md.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import tree_sitter

from tests.windows import shell_values as values
from tests.windows.powershell import Script, child_of, first, is_alone, kind_of, text_of
from tests.windows.shell_values import Continued, Exited, Returned, ShellError, Windows

Node = tree_sitter.Node
_PASSED = {"pipeline", "program", "script_block_body", "command_name_expr", "path_command_name"}


class Shell:
    """One run of a script."""

    def __init__(self, script: Script, windows: Windows) -> None:
        self._script = script
        self._windows = windows
        self._global: dict[str, Any] = {"true": True, "false": False, "null": None}
        self._scopes = [self._global]
        self._functions: dict[str, Node] = {}
        self.output: list[Any] = []

    def run(self, **given: Any) -> int:
        """Run the script with parameters and return its exit code."""
        self._global |= {name.lower(): value for name, value in self._windows.variables.items()}
        block = next(n for n in self._script.root.children if n.type == "param_block")
        self._bind(block, {name.lower(): value for name, value in given.items()}, [])
        self._global["psboundparameters"] = dict(given)
        try:
            for node in self._script.root.children:
                if node.type == "statement_list":
                    self.output += self._block(node)
        except Exited as ended:
            return ended.code
        return 0

    # Statements

    def _block(self, node: Node) -> list[Any]:
        out: list[Any] = []
        for child in node.named_children:
            if child.type in {"statement_list", "script_block", "script_block_body"}:
                out += self._block(child)
            elif child.type not in {"comment", "param_block"}:
                out += self._statement(child)
        return out

    def _statement(self, node: Node) -> list[Any]:
        known: dict[str, Callable[[Node], list[Any]]] = {
            "pipeline": lambda n: values.unrolled(self._value(n)),
            "if_statement": self._if,
            "foreach_statement": self._foreach,
            "for_statement": self._for,
            "switch_statement": self._switch,
            "try_statement": self._try,
            "flow_control_statement": self._flow,
            "function_statement": self._define,
        }
        if node.type not in known:
            raise NotImplementedError(f"{node.type}: {text_of(node)[:80]}")
        return known[node.type](node)

    def _define(self, node: Node) -> list[Any]:
        name = next(text_of(c) for c in node.children if c.type == "function_name")
        self._functions[name.lower()] = node
        return []

    def _if(self, node: Node) -> list[Any]:
        condition = next(c for c in node.children if c.type == "pipeline")
        if values.true(self._value(condition)):
            return self._block(next(c for c in node.children if c.type == "statement_block"))
        for clauses in node.children:
            if clauses.type == "elseif_clauses":
                for clause in clauses.named_children:
                    if values.true(
                        self._value(next(c for c in clause.children if c.type == "pipeline"))
                    ):
                        return self._block(child_of(clause, "statement_block"))
            if clauses.type == "else_clause":
                return self._block(child_of(clauses, "statement_block"))
        return []

    def _foreach(self, node: Node) -> list[Any]:
        name, out = text_of(child_of(node, "variable")), []
        for value in values.unrolled(self._value(child_of(node, "pipeline"))):
            self._assign(name, value)
            try:
                out += self._block(child_of(node, "statement_block"))
            except Continued:
                continue
        return out

    def _for(self, node: Node) -> list[Any]:
        out: list[Any] = []
        self._value(child_of(node, "for_initializer").named_children[0])
        while values.true(self._value(child_of(node, "for_condition").named_children[0])):
            out += self._block(child_of(node, "statement_block"))
            self._value(child_of(node, "for_iterator").named_children[0])
        return out

    def _switch(self, node: Node) -> list[Any]:
        value = self._value(child_of(child_of(node, "switch_condition"), "pipeline"))
        for clause in child_of(child_of(node, "switch_body"), "switch_clauses").named_children:
            wanted = text_of(child_of(clause, "switch_clause_condition"))
            if wanted in ("default", f"'{value}'"):
                return self._block(child_of(clause, "statement_block"))
        return []

    def _try(self, node: Node) -> list[Any]:
        depth = len(self._scopes)
        try:
            return self._block(child_of(node, "statement_block"))
        except ShellError as error:
            del self._scopes[depth:]
            catches = [c for c in node.children if c.type == "catch_clauses"]
            if not catches:
                raise
            self._scopes[-1]["_"] = str(error)
            return self._block(child_of(catches[0].named_children[0], "statement_block"))
        finally:
            for clause in node.children:
                if clause.type == "finally_clause":
                    self._block(child_of(clause, "statement_block"))

    def _flow(self, node: Node) -> list[Any]:
        word = node.children[0].type
        found = [self._value(c) for c in node.named_children]
        if word == "return":
            raise Returned([item for value in found for item in values.unrolled(value)])
        if word == "throw":
            raise ShellError(values.text(found[0]))
        if word == "exit":
            raise Exited(int(found[0]))
        if word == "continue":
            raise Continued
        raise NotImplementedError(word)

    # Expressions

    def _value(self, node: Node) -> Any:
        if node.type in _PASSED or (node.type.endswith("_expression") and is_alone(node)):
            return self._value(node.named_children[0])
        method = getattr(self, f"_at_{node.type}", None)
        if method is None:
            raise NotImplementedError(f"{node.type}: {text_of(node)[:80]}")
        return method(node)

    def _at_pipeline_chain(self, node: Node) -> Any:
        piped: list[Any] = []
        for number, part in enumerate(node.named_children):
            last = self._command(part, piped) if part.type == "command" else self._value(part)
            if number == len(node.named_children) - 1:
                return last
            piped = values.unrolled(last)
        return None

    def _at_assignment_expression(self, node: Node) -> None:
        target, operator, value_node = node.named_children
        name, value = text_of(target), self._value(value_node)
        if text_of(operator) == "+=":
            value = values.plus(self._read(name), value)
        if name.lower() != "$null":
            self._assign(name, value)

    def _at_variable(self, node: Node) -> Any:
        return self._read(text_of(node))

    def _at_string_literal(self, node: Node) -> str:
        inner = node.named_children[0]
        if inner.type == "verbatim_string_characters":
            return text_of(inner)[1:-1].replace("''", "'")
        raw, start, out = inner.text or b"", inner.start_byte, []
        at = 1
        for child in inner.named_children:
            out.append(values.unescaped(raw[at : child.start_byte - start].decode()))
            out.append(values.text(self._value(child)))
            at = child.end_byte - start
        return "".join([*out, values.unescaped(raw[at:-1].decode())])

    def _at_sub_expression(self, node: Node) -> Any:
        return values.rolled(self._block(node))

    def _at_array_expression(self, node: Node) -> list[Any]:
        return self._block(node)

    def _at_array_literal_expression(self, node: Node) -> list[Any]:
        return [self._value(child) for child in node.named_children]

    def _at_parenthesized_expression(self, node: Node) -> Any:
        return self._value(node.named_children[0])

    def _at_integer_literal(self, node: Node) -> int:
        return int(text_of(node))

    def _at_real_literal(self, node: Node) -> str:
        return text_of(node)

    def _at_generic_token(self, node: Node) -> str:
        return text_of(node)

    def _at_member_access(self, node: Node) -> Any:
        owner, name = self._value(node.named_children[0]), text_of(node.named_children[-1])
        if isinstance(owner, list) and name.lower() == "count":
            return len(owner)
        if isinstance(owner, dict):
            if name.lower() == "keys":
                return list(owner)
            for key, value in owner.items():
                if key.lower() == name.lower():
                    return value
        raise ShellError(f"The property '{name}' cannot be found on this object.")

    def _at_element_access(self, node: Node) -> Any:
        owner, key = (self._value(child) for child in node.named_children)
        return owner[key]

    def _at_invokation_expression(self, node: Node) -> Any:
        owner, name = self._value(node.named_children[0]), text_of(node.named_children[1])
        listed = [
            n for c in node.named_children if c.type == "argument_list" for n in c.named_children
        ]
        arguments = [self._value(n.named_children[0]) for a in listed for n in a.named_children]
        if name == "ToLowerInvariant" and isinstance(owner, str):
            return owner.lower()
        if isinstance(owner, dict) and callable(owner.get(name)):
            return owner[name](*arguments)
        raise ShellError("Method invocation is supported only on core types in this language mode.")

    def _at_expression_with_unary_operator(self, node: Node) -> Any:
        if node.named_children[0].type == "cast_expression":
            kind, inner = node.named_children[0].named_children
            return values.cast(text_of(kind), self._value(inner))
        if node.children[0].type == "-not":
            return not values.true(self._value(node.named_children[-1]))
        if node.children[0].type == "-":
            return -self._value(node.named_children[-1])
        raise NotImplementedError(text_of(node))

    def _at_post_increment_expression(self, node: Node) -> None:
        name = text_of(node.named_children[0])
        self._assign(name, self._read(name) + 1)

    def _at_logical_expression(self, node: Node) -> bool:
        left = values.true(self._value(node.children[0]))
        for operator, operand in zip(node.children[1::2], node.children[2::2], strict=True):
            if operator.type == "-and":
                left = left and values.true(self._value(operand))
            elif operator.type == "-or":
                left = left or values.true(self._value(operand))
            else:
                raise NotImplementedError(operator.type)
        return left

    def _at_additive_expression(self, node: Node) -> Any:
        left, operator, right = node.children
        if operator.type != "+":
            raise NotImplementedError(operator.type)
        return values.plus(self._value(left), self._value(right))

    def _at_comparison_expression(self, node: Node) -> Any:
        left_node, operator, right_node = node.children
        word, left = text_of(operator).lower(), self._value(left_node)
        if word == "-is":
            return isinstance(left, bool) and "switch" in text_of(right_node)
        return values.compared(word, left, self._value(right_node))

    # Commands

    def _at_command(self, node: Node) -> Any:
        return self._command(node, [])

    def _command(self, node: Node, piped: list[Any]) -> Any:
        named, rest = self._elements(node)
        word = node.children[0]
        if word.type == "command_invokation_operator":
            expression = child_of(node, "command_name_expr")
            code, lines = self._windows.program(
                values.text(self._value(expression)), [str(r) for r in rest]
            )
            self._global["lastexitcode"] = code
            return values.rolled(list(lines))
        name = text_of(word)
        if name.lower() in self._functions:
            return self._call(name, named, rest)
        if name == "Where-Object":
            return values.rolled([item for item in piped if self._holds(node, item)])
        return self._windows.cmdlet(name, named, rest, piped)

    def _holds(self, node: Node, item: Any) -> bool:
        self._scopes.append({"_": item})
        try:
            block = first(node, "script_block_expression")
            return values.true(values.rolled(self._block(block)))
        finally:
            self._scopes.pop()

    def _elements(self, node: Node) -> tuple[dict[str, Any], list[Any]]:
        found = [c for c in node.children if c.type == "command_elements"]
        words = [
            child
            for elements in found
            for child in elements.named_children
            if child.type != "command_argument_sep" and not text_of(child).startswith("{")
        ]
        named: dict[str, Any] = {}
        rest: list[Any] = []
        waiting = ""
        for child in words:
            if child.type == "command_parameter":
                waiting = text_of(child).lstrip("-").lower()
                named[waiting] = True
            elif re.fullmatch(r"@\w+", text_of(child)):
                rest += values.unrolled(self._read("$" + text_of(child)[1:]))
            elif waiting:
                named[waiting], waiting = self._value(child), ""
            else:
                rest.append(self._value(child))
        return named, rest

    def _call(self, name: str, named: dict[str, Any], rest: list[Any]) -> Any:
        function = self._functions[name.lower()]
        body = child_of(function, "script_block")
        self._scopes.append({})
        depth = len(self._scopes)
        try:
            blocks = [c for c in body.children if c.type == "param_block"]
            if blocks:
                self._bind(blocks[0], named, rest)
            elif named or rest:
                raise ShellError(f"{name} takes no parameters")
            return values.rolled(self._body(body))
        finally:
            del self._scopes[depth - 1 :]

    def _body(self, body: Node) -> list[Any]:
        out: list[Any] = []
        try:
            for part in body.named_children:
                for listed in part.named_children if part.type == "script_block_body" else ():
                    for statement in listed.named_children:
                        if statement.type != "comment":
                            out += self._statement(statement)
        except Returned as returned:
            out += returned.things
        return out

    def _bind(self, block: Node, named: dict[str, Any], rest: list[Any]) -> None:
        """Give parameters their values: by name, then by position, then by their default."""
        left, positional = dict(named), list(rest)
        for parameter in child_of(block, "parameter_list").named_children:
            name = text_of(child_of(parameter, "variable"))[1:]
            kind = kind_of(parameter)
            default = [c for c in parameter.children if c.type == "script_parameter_default"]
            if name.lower() in left:
                value = values.cast(kind, left.pop(name.lower()))
            elif positional and kind != "[switch]":
                value = values.cast(kind, positional.pop(0))
            elif default:
                value = self._value(default[0].named_children[0])
            else:
                value = values.cast(kind, None)
            self._scopes[-1][name.lower()] = value
        if left.keys() - {"whatif", "confirm"} or positional:
            raise ShellError(f"A parameter cannot be found: {sorted(left)} {positional}")

    def _read(self, name: str) -> Any:
        word = name.strip("${}").lower()
        if word.startswith("env:"):
            return self._windows.environment.get(name.strip("${}")[4:])
        if word.startswith("script:"):
            word = word[7:]
            scopes: Iterator[dict[str, Any]] = iter([self._global])
        else:
            scopes = reversed(self._scopes)
        for scope in scopes:
            if word in scope:
                return scope[word]
        raise ShellError(f"The variable '{name}' cannot be retrieved because it has not been set.")

    def _assign(self, name: str, value: Any) -> None:
        word = name.lstrip("$").lower()
        if word.startswith("script:"):
            self._global[word[7:]] = value
        else:
            self._scopes[-1][word] = value
