"""From Python as Odoo's users write it to what the sandbox can do.

The sandbox's own classes are always true, have no `len` and no attributes but those set, and its native functions
cannot wait for Odoo. So conditions, attributes and some calls become calls of functions that stand in the sandbox
beforehand (`sandbox/*.py.txt`); all else stays as written.
"""

import ast
from typing import Any, TypeVar, cast

from mappings.scripts.names import (
    MODULES,
    NATIVE_METHODS,
    RECORD_METHODS,
    REPLACED,
    SPECIAL_METHODS,
    STAND_INS,
)
from mappings.scripts.parse import Parsed, last_blocks

_SURELY_BOOL = (ast.Compare, ast.Constant)
_STR_METHODS = frozenset(dir(str))
_HELD = "_hub_v"

Node = TypeVar("Node", bound=ast.AST)


class Rewriter(ast.NodeTransformer):
    def __init__(self, parsed: Parsed) -> None:
        self._bound = parsed.bound
        self._native = parsed.native
        self._no_walrus = 0

    # Conditions: an empty set of records is false.

    def truth(self, node: ast.expr) -> ast.expr:
        """`node`, as a condition."""
        match node:
            case ast.BoolOp():
                return _like(node, ast.BoolOp(node.op, [self.truth(value) for value in node.values]))
            case ast.UnaryOp(op=ast.Not()) | ast.Compare() | ast.Constant():
                return self._expr(node)
        return _like(node, _call("_hub_true", self._expr(node)))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if isinstance(node.op, ast.Not):
            return _like(node, ast.UnaryOp(node.op, self.truth(node.operand)))
        return cast("ast.expr", self.generic_visit(node))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """`a and b` has a value: the first that decides. From the right: `b if true(v := a) else v`."""
        values = [self._expr(value) for value in node.values]
        result = values.pop()
        for original, value in zip(reversed(node.values[:-1]), reversed(values), strict=True):
            result = _like(node, self._either(node.op, original, value, result))
        return result

    def _either(self, op: ast.boolop, original: ast.expr, first: ast.expr, second: ast.expr) -> ast.expr:
        if isinstance(original, _SURELY_BOOL):
            return ast.BoolOp(op, [first, second])
        if self._no_walrus:
            name = "_hub_and" if isinstance(op, ast.And) else "_hub_or"
            return _call(name, first, ast.Lambda(_no_arguments(), second))
        test = _call("_hub_true", ast.NamedExpr(ast.Name(_HELD, ast.Store()), first))
        held = ast.Name(_HELD, ast.Load())
        return ast.IfExp(test, second, held) if isinstance(op, ast.And) else ast.IfExp(test, held, second)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        return _like(node, ast.IfExp(self.truth(node.test), self._expr(node.body), self._expr(node.orelse)))

    def visit_If(self, node: ast.If) -> ast.stmt:
        self._conditional(node)
        return node

    def visit_While(self, node: ast.While) -> ast.stmt:
        self._conditional(node)
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        node.test = self.truth(node.test)
        node.msg = self._expr(node.msg) if node.msg else None
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        node.guard = self.truth(node.guard) if node.guard else None
        node.body = self._block(node.body)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        self._no_walrus += 1
        node.iter = self._expr(node.iter)
        self._no_walrus -= 1
        node.ifs = [self.truth(condition) for condition in node.ifs]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        self._no_walrus += 1
        self.generic_visit(node)
        self._no_walrus -= 1
        return node

    # Attributes, items and calls: a set of records answers with Odoo's values.

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if not isinstance(node.ctx, ast.Load) or self._is_native(node.value):
            return cast("ast.expr", self.generic_visit(node))
        if self._is_builtin(node.value, "str") and node.attr in _STR_METHODS:
            # The sandbox has no `str.lower` as a value, and it is a usual key to sort by.
            return _like(node, ast.parse(f"lambda _hub_x: _hub_x.{node.attr}()", mode="eval").body)
        return _like(node, _call("_hub_get", self._expr(node.value), ast.Constant(node.attr)))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if not isinstance(node.ctx, ast.Load) or not _may_be_field(node.slice):
            return cast("ast.expr", self.generic_visit(node))
        return _like(node, _call("_hub_item", self._expr(node.value), self._expr(node.slice)))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = node.func
        arguments: list[ast.expr] = [self._expr(argument) for argument in node.args]
        keywords = [_like(word, ast.keyword(word.arg, self._expr(word.value))) for word in node.keywords]
        if isinstance(function, ast.Attribute):
            called, arguments = self._method(function, arguments)
        elif self._is_builtin(function, "bool"):
            called = _like(function, ast.Name("_hub_true", ast.Load()))
        else:
            called = self._expr(function)
        return _like(node, ast.Call(called, arguments, keywords))

    def _method(self, function: ast.Attribute, arguments: list[ast.expr]) -> tuple[ast.expr, list[ast.expr]]:
        name, owner = function.attr, self._expr(function.value)
        if name in SPECIAL_METHODS:
            return _like(function, ast.Name(SPECIAL_METHODS[name], ast.Load())), [owner, *arguments]
        if name in NATIVE_METHODS or name in RECORD_METHODS or self._is_native(function.value):
            return _like(function, ast.Attribute(owner, name, ast.Load())), arguments
        called = _like(function, ast.Name("_hub_call", ast.Load()))
        return called, [owner, ast.Constant(name), *arguments]

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in REPLACED and node.id not in self._bound:
            return _like(node, ast.Name(REPLACED[node.id], ast.Load()))
        return node

    # Statements.

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Attribute):
            return self._set(node, node.targets[0], self._expr(node.value))
        self._no_attributes(node, node.targets)
        return cast("ast.stmt", self.generic_visit(node))

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        target = node.target
        if not isinstance(target, ast.Attribute):
            return cast("ast.stmt", self.generic_visit(node))
        if not isinstance(target.value, ast.Name):
            raise Unsupported(node, "change an attribute of a name only: x = …, then x.attribute += …")
        now = ast.Attribute(target.value, target.attr, ast.Load())
        return self._set(
            node, target, ast.BinOp(self._expr(_like(node, now)), node.op, self._expr(node.value))
        )

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
            call = _call("_hub_del", self._expr(target.value), self._expr(target.slice))
            made.append(_like(node, ast.Expr(_like(node, call))))
        return made

    def visit_Import(self, node: ast.Import) -> Any:
        kept = [alias for alias in node.names if alias.name in MODULES]
        made: list[ast.stmt] = [_like(node, ast.Import(kept))] if kept else []
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
        call = _call("_hub_set", self._expr(target.value), ast.Constant(target.attr), value)
        return _like(node, ast.Expr(_like(node, call)))

    def _no_attributes(self, node: ast.stmt, targets: list[ast.expr]) -> None:
        for target in targets:
            if any(isinstance(part, ast.Attribute) for part in ast.walk(target) if _stores(part)):
                raise Unsupported(node, "give one attribute its value in a line of its own")

    def _conditional(self, node: ast.If | ast.While) -> None:
        node.test = self.truth(node.test)
        node.body = self._block(node.body)
        node.orelse = self._block(node.orelse)

    def _block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for statement in body:
            result = self.visit(statement)
            made.extend(result if isinstance(result, list) else [result])
        return made

    def _expr(self, node: ast.expr) -> ast.expr:
        return cast("ast.expr", self.visit(node))

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
        body[-1] = _like(last, ast.Return(last.value))
    for block in last_blocks(last):
        return_last(block)


def _stores(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Store)


def _may_be_field(node: ast.expr) -> bool:
    """Whether `x[node]` could ask a record for a field: anything but numbers and slices."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return not isinstance(node, ast.Slice | ast.Tuple | ast.UnaryOp)


def _like(old: ast.AST, new: Node) -> Node:
    return ast.copy_location(new, old)


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _assign(node: ast.stmt, name: str, source: str) -> ast.stmt:
    value = ast.parse(source, mode="eval").body
    return _like(node, ast.Assign([ast.Name(name, ast.Store())], value))


def _no_arguments() -> ast.arguments:
    return ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
