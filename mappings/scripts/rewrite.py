"""From Python as Odoo's users write it to what the sandbox can do.

The sandbox's own classes are always true, have no `len` and no attributes but those set, and its native functions
cannot wait for Odoo. So conditions, attributes and some calls become calls of functions that stand in the sandbox
beforehand (`sandbox/*.py.txt`); all else stays as written.
"""

# ruff: noqa: N802 — ast names the methods of its visitors so
import ast
from typing import Any, cast

from mappings.scripts.conditions import Conditions, call, like
from mappings.scripts.names import (
    MODULES,
    NATIVE_METHODS,
    RECORD_METHODS,
    REPLACED,
    SPECIAL_METHODS,
    STAND_INS,
)
from mappings.scripts.parse import Parsed, last_blocks

_STR_METHODS = frozenset(dir(str))
_RECORDS = ("record", "records")
"""What a script is given, as long as it gives these names no other meaning."""


class Rewriter(Conditions):
    def __init__(self, parsed: Parsed) -> None:
        super().__init__()
        self._bound = parsed.bound
        self._native = parsed.native

    # Attributes, items and calls: a set of records answers with Odoo's values.

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if not isinstance(node.ctx, ast.Load) or self._is_native(node.value):
            return cast("ast.expr", self.generic_visit(node))
        if self._is_builtin(node.value, "str") and node.attr in _STR_METHODS:
            # The sandbox has no `str.lower` as a value, and it is a usual key to sort by.
            return like(node, ast.parse(f"lambda _hub_x: _hub_x.{node.attr}()", mode="eval").body)
        asked = call("_hub_get", self.expr(node.value), ast.Constant(node.attr))
        if any(self._is_builtin(node.value, name) for name in _RECORDS):
            # Without a call, which takes half as long again: most scripts do little else.
            known = ast.unparse(node.value) + "._v"
            text = f"{known}[{node.attr!r}] if {node.attr!r} in {known} else 0"
            quick = cast("ast.IfExp", ast.parse(text, mode="eval").body)
            for part in ast.walk(quick):
                like(node, part)
            quick.orelse = asked
            return quick
        return like(node, asked)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if not isinstance(node.ctx, ast.Load) or not _may_be_field(node.slice):
            return cast("ast.expr", self.generic_visit(node))
        return like(node, call("_hub_item", self.expr(node.value), self.expr(node.slice)))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = node.func
        typed = self._is_builtin(function, "isinstance")
        arguments = [self._argument(argument, typed=typed) for argument in node.args]
        keywords = [
            like(word, ast.keyword(word.arg, self._argument(word.value, typed=typed)))
            for word in node.keywords
        ]
        if isinstance(function, ast.Attribute):
            called, arguments = self._method(function, arguments)
        elif self._is_builtin(function, "bool"):
            called = like(function, ast.Name("_hub_true", ast.Load()))
        else:
            called = self.expr(function)
        return like(node, ast.Call(called, arguments, keywords))

    def _argument(self, node: ast.expr, *, typed: bool) -> ast.expr:
        """`bool` is a type to isinstance and a condition to whoever else it is handed to."""
        if self._is_builtin(node, "bool") and not typed:
            return like(node, ast.Name("_hub_true", ast.Load()))
        return self.expr(node)

    def _method(self, function: ast.Attribute, arguments: list[ast.expr]) -> tuple[ast.expr, list[ast.expr]]:
        name, owner = function.attr, self.expr(function.value)
        if name in SPECIAL_METHODS:
            return like(function, ast.Name(SPECIAL_METHODS[name], ast.Load())), [owner, *arguments]
        if name in NATIVE_METHODS or name in RECORD_METHODS or self._is_native(function.value):
            return like(function, ast.Attribute(owner, name, ast.Load())), arguments
        called = like(function, ast.Name("_hub_call", ast.Load()))
        return called, [owner, ast.Constant(name), *arguments]

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in REPLACED and node.id not in self._bound:
            return like(node, ast.Name(REPLACED[node.id], ast.Load()))
        return node

    # Statements.

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Attribute):
            return self._set(node, node.targets[0], self.expr(node.value))
        self._no_attributes(node, node.targets)
        return cast("ast.stmt", self.generic_visit(node))

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        target = node.target
        if not isinstance(target, ast.Attribute):
            return cast("ast.stmt", self.generic_visit(node))
        if not isinstance(target.value, ast.Name):
            raise Unsupported(node, "change an attribute of a name only: x = …, then x.attribute += …")
        now = ast.Attribute(target.value, target.attr, ast.Load())
        return self._set(node, target, ast.BinOp(self.expr(like(node, now)), node.op, self.expr(node.value)))

    def visit_For(self, node: ast.For) -> ast.stmt:
        self._no_attributes(node, [node.target])
        return cast("ast.stmt", self.generic_visit(node))

    def visit_With(self, node: ast.With) -> ast.stmt:
        self._no_attributes(node, [item.optional_vars for item in node.items if item.optional_vars])
        return cast("ast.stmt", self.generic_visit(node))

    def visit_Delete(self, node: ast.Delete) -> Any:
        """The sandbox has no `del`."""
        made: list[ast.stmt] = []
        for target in node.targets:
            if not isinstance(target, ast.Subscript):
                raise Unsupported(node, "“del” is for items only: del values['key']")
            gone = call("_hub_del", self.expr(target.value), self.expr(target.slice))
            made.append(like(node, ast.Expr(like(node, gone))))
        return made

    def visit_Import(self, node: ast.Import) -> Any:
        kept = [alias for alias in node.names if alias.name in MODULES]
        made: list[ast.stmt] = [like(node, ast.Import(kept))] if kept else []
        for alias in node.names:
            if alias.name in STAND_INS:
                top = alias.name.split(".")[0]
                source = STAND_INS[alias.name] if alias.asname else STAND_INS[top]
                made.append(_assign(node, alias.asname or top, source))
        return made

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        if node.module in MODULES:
            return node
        source = STAND_INS[node.module or ""]
        return [_assign(node, alias.asname or alias.name, f"{source}.{alias.name}") for alias in node.names]

    # Helpers.

    def _set(self, node: ast.stmt, target: ast.Attribute, value: ast.expr) -> ast.stmt:
        given = call("_hub_set", self.expr(target.value), ast.Constant(target.attr), value)
        return like(node, ast.Expr(like(node, given)))

    def _no_attributes(self, node: ast.stmt, targets: list[ast.expr]) -> None:
        for target in targets:
            if any(isinstance(part, ast.Attribute) for part in ast.walk(target) if _stores(part)):
                raise Unsupported(node, "give one attribute its value in a line of its own")

    def _is_native(self, node: ast.expr) -> bool:
        """A module or a part of one (`datetime.datetime`): never a set of records."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self._native and node.id not in STAND_INS

    def _is_builtin(self, node: ast.expr, name: str) -> bool:
        return isinstance(node, ast.Name) and node.id == name and name not in self._bound


class Unsupported(Exception):
    def __init__(self, node: ast.stmt, message: str) -> None:
        super().__init__(message)
        self.node = node


def return_last(body: list[ast.stmt]) -> None:
    """Make the last expression of every way through `body` its value."""
    if not body:
        return
    last = body[-1]
    if isinstance(last, ast.Expr):
        body[-1] = like(last, ast.Return(last.value))
    for block in last_blocks(last):
        return_last(block)


def _stores(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Store)


def _may_be_field(node: ast.expr) -> bool:
    """Whether `x[node]` could ask a record for a field: anything but numbers and slices."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return not isinstance(node, ast.Slice | ast.Tuple | ast.UnaryOp)


def _assign(node: ast.stmt, name: str, source: str) -> ast.stmt:
    value = ast.parse(source, mode="eval").body
    return like(node, ast.Assign([ast.Name(name, ast.Store())], value))
