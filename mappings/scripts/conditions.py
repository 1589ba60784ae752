"""Conditions of a script: an empty set of records is false, which the sandbox by itself does not know."""

import ast
from typing import TypeVar, cast

_SURELY_BOOL = (ast.Compare, ast.Constant)
_HELD = "_hub_v"

Node = TypeVar("Node", bound=ast.AST)


class Conditions(ast.NodeTransformer):
    """Every place where Python asks whether a value is true asks a function of the sandbox instead."""

    def __init__(self) -> None:
        # Inside of comprehensions' iterables and classes a name cannot be given in passing.
        self.no_walrus = 0

    def truth(self, node: ast.expr) -> ast.expr:
        """`node`, as a condition."""
        match node:
            case ast.BoolOp():
                return like(node, ast.BoolOp(node.op, [self.truth(value) for value in node.values]))
            case ast.UnaryOp(op=ast.Not()) | ast.Compare() | ast.Constant():
                return self.expr(node)
        return like(node, call("_hub_true", self.expr(node)))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if isinstance(node.op, ast.Not):
            return like(node, ast.UnaryOp(node.op, self.truth(node.operand)))
        return cast("ast.expr", self.generic_visit(node))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """`a and b` has a value: the first that decides. From the right: `b if true(v := a) else v`."""
        values = [self.expr(value) for value in node.values]
        result = values.pop()
        for original, value in zip(reversed(node.values[:-1]), reversed(values), strict=True):
            result = like(node, self._either(node.op, original, value, result))
        return result

    def _either(self, op: ast.boolop, original: ast.expr, first: ast.expr, second: ast.expr) -> ast.expr:
        if isinstance(original, _SURELY_BOOL):
            return ast.BoolOp(op, [first, second])
        if self.no_walrus:
            name = "_hub_and" if isinstance(op, ast.And) else "_hub_or"
            return call(name, first, ast.Lambda(_no_arguments(), second))
        test = call("_hub_true", ast.NamedExpr(ast.Name(_HELD, ast.Store()), first))
        held = ast.Name(_HELD, ast.Load())
        return ast.IfExp(test, second, held) if isinstance(op, ast.And) else ast.IfExp(test, held, second)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        return like(node, ast.IfExp(self.truth(node.test), self.expr(node.body), self.expr(node.orelse)))

    def visit_If(self, node: ast.If) -> ast.stmt:
        self._conditional(node)
        return node

    def visit_While(self, node: ast.While) -> ast.stmt:
        self._conditional(node)
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        node.test = self.truth(node.test)
        node.msg = self.expr(node.msg) if node.msg else None
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        node.guard = self.truth(node.guard) if node.guard else None
        node.body = self.block(node.body)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        self.no_walrus += 1
        node.iter = self.expr(node.iter)
        self.no_walrus -= 1
        node.ifs = [self.truth(condition) for condition in node.ifs]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        self.no_walrus += 1
        self.generic_visit(node)
        self.no_walrus -= 1
        return node

    def _conditional(self, node: ast.If | ast.While) -> None:
        node.test = self.truth(node.test)
        node.body = self.block(node.body)
        node.orelse = self.block(node.orelse)

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for statement in body:
            result = self.visit(statement)
            made.extend(result if isinstance(result, list) else [result])
        return made

    def expr(self, node: ast.expr) -> ast.expr:
        return cast("ast.expr", self.visit(node))


def like(old: ast.AST, new: Node) -> Node:
    return ast.copy_location(new, old)


def call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _no_arguments() -> ast.arguments:
    return ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
