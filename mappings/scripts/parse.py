"""A script's text, read: its tree, the names it uses, and what is refused before anything runs."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from mappings.scripts.data import Kind, Mode, Script, ScriptError
from mappings.scripts.names import JUDGES, MODULES, REFUSED, STAND_INS

LONGEST = 50_000


@dataclass(frozen=True)
class Parsed:
    """`bound` are names that the script gives a meaning itself, `native` those of modules and their parts."""

    tree: ast.Module
    bound: frozenset[str]
    native: frozenset[str]


def parse(script: Script) -> Parsed:
    """Raises ScriptError for what is not Python, or is not for scripts."""
    tree = _tree(script.source)
    bound: set[str] = set()
    imported: set[str] = set()
    for node in ast.walk(tree):
        problem = _refused(node)
        if problem:
            raise _at(node, problem)
        if isinstance(node, ast.Import | ast.ImportFrom):
            imported |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        else:
            bound |= set(_bound(node))
    for name in bound | imported:
        if _is_taken(name):
            raise ScriptError(f"“{name}”: names that begin with _hub are taken.", kind=Kind.SYNTAX)
    if script.mode is Mode.EVALUATE and not gives_value(tree.body):
        last = tree.body[-1] if tree.body else tree
        raise _at(last, "the last line has to be an expression: its value is the field's value")
    native = frozenset((MODULES | imported) - bound)
    return Parsed(tree, frozenset(bound | imported), native)


def gives_value(body: list[ast.stmt]) -> bool:
    """Whether any way through these statements ends in a value."""
    if body and any(isinstance(body[-1], kind) for kind in (ast.Expr, ast.Raise)):
        return True
    if body and any(gives_value(block) for block in last_blocks(body[-1])):
        return True
    return any(isinstance(node, ast.Return) and node.value for node in _own(body))


def last_blocks(statement: ast.stmt) -> list[list[ast.stmt]]:
    """The blocks of a statement whose last line is the last that runs."""
    match statement:
        case ast.If():
            return [statement.body, statement.orelse]
        case ast.With():
            return [statement.body]
        case ast.Match():
            return [case.body for case in statement.cases]
        case ast.Try() if not statement.finalbody:
            handled = [handler.body for handler in statement.handlers]
            return [statement.orelse or statement.body, *handled]
    return []


def _tree(source: str) -> ast.Module:
    if len(source) > LONGEST:
        raise ScriptError(f"The script has more than {LONGEST} characters.", kind=Kind.SYNTAX)
    try:
        source.encode()
        return ast.parse(source)
    except SyntaxError as error:
        raise ScriptError(
            f"this is not Python: {error.msg}", kind=Kind.SYNTAX, line=error.lineno, column=error.offset
        ) from None
    except (ValueError, RecursionError, MemoryError) as error:
        said = (
            "it holds a character that no text has" if isinstance(error, ValueError) else "too deeply nested"
        )
        raise ScriptError(f"The script cannot be read: {said}.", kind=Kind.SYNTAX) from None


def _refused(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name) if name in REFUSED:
            return f"“{name}” is not available: {REFUSED[name]}"
        case ast.Name(id=name) if _is_taken(name):
            return f"“{name}” is not available"
        case ast.Attribute(attr=name) if name.startswith("__"):
            return f"“{name}” is not available: names with two underscores are Python's own"
        case ast.Attribute(attr=name, value=ast.Name()) if name in JUDGES:
            return _judge(name)
        case ast.Import():
            return next((_no_module(alias.name) for alias in node.names if not _offered(alias.name)), None)
        case ast.ImportFrom():
            if node.level or not _offered(node.module or ""):
                return _no_module("." * node.level + (node.module or ""))
            if node.names[0].name == "*":
                return "“from … import *” is not available"
            return next((_judge(alias.name) for alias in node.names if alias.name in JUDGES), None)
        case ast.Global():
            return "“global” is not available: names of one run are gone in the next; use “nonlocal” in a function"
        case ast.AsyncFunctionDef() | ast.AsyncFor() | ast.AsyncWith() | ast.Await():
            return "“async” and “await” are not available"
        case ast.Yield() | ast.YieldFrom():
            return "“yield” is not available: collect a list and return it"
        case ast.ClassDef() if node.bases or node.keywords:
            return "a class cannot be based on another one here"
        case ast.TryStar():
            return "“except*” is not available"
        case ast.Constant(value=str() as text) if any("\ud800" <= sign <= "\udfff" for sign in text):
            return "the text holds half of a character (a lone surrogate)"
        case ast.AnnAssign(target=ast.Attribute()):
            return "give an attribute its value without a type"
    return None


def _is_taken(name: str) -> bool:
    """The sandbox's own: its functions (`_hub_…`), and what they keep (`_HUB_…`)."""
    return name.lower().startswith("_hub")


def _bound(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name


def _own(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """All nodes of these statements but those of functions and classes inside."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def _offered(module: str) -> bool:
    return module in MODULES or module in STAND_INS


def _judge(name: str) -> str:
    return f"“{name}” is not available: it takes empty records for true; write a loop"


def _no_module(module: str) -> str:
    return f"the module “{module}” is not available; these are: {', '.join(sorted(MODULES | {'dateutil'}))}"


def _at(node: ast.AST, message: str) -> ScriptError:
    column = getattr(node, "col_offset", None)
    return ScriptError(
        message,
        kind=Kind.SYNTAX,
        line=getattr(node, "lineno", None),
        column=None if column is None else column + 1,
    )
