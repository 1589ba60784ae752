"""A script made ready for the sandbox: once per text, kept."""

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mappings.scripts.data import Kind, Script, ScriptError
from mappings.scripts.parse import Parsed, parse
from mappings.scripts.rewrite import Rewriter, Unsupported, return_last

PARAMETERS = "record, records, model, request_data"

Place = tuple[int, int]


@dataclass(frozen=True)
class Compiled:
    """`code` defines the function `function`; `fields` are the names that may be fields of records."""

    script: Script
    function: str
    code: str
    fields: frozenset[str]
    uses_request: bool
    places: dict[Place, Place]
    lines: dict[int, int]

    def place(self, line: int, column: int) -> tuple[int | None, int | None]:
        """Where in the script is what stands there in `code`."""
        exact = self.places.get((line, column))
        return exact if exact else (self.lines.get(line), None)


@lru_cache(maxsize=512)
def compiled(script: Script) -> Compiled:
    """Raises ScriptError, of kind SYNTAX."""
    parsed = parse(script)
    fields, uses_request = _mentioned(parsed.tree)
    try:
        tree = _function(parsed, f"_hub_script_{_digest(script.source)}")
        code = ast.unparse(tree)
        places = dict(_places(tree, ast.parse(code)))
    except Unsupported as error:
        raise ScriptError(
            str(error), kind=Kind.SYNTAX, line=error.node.lineno, column=error.node.col_offset + 1
        ) from None
    except (RecursionError, MemoryError):
        raise ScriptError("The script is too deeply nested.", kind=Kind.SYNTAX) from None
    lines: dict[int, int] = {}
    for (line, _), (source_line, _) in places.items():
        lines.setdefault(line, source_line)
    return Compiled(
        script=script,
        function=f"_hub_script_{_digest(script.source)}",
        code=code,
        fields=fields,
        uses_request=uses_request,
        places=places,
        lines=lines,
    )


def _function(parsed: Parsed, name: str) -> ast.Module:
    body = parsed.tree.body
    return_last(body)
    rewritten = Rewriter(parsed).visit(ast.Module(body, []))
    tree = ast.parse(f"def {name}({PARAMETERS}): pass")
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)  # noqa: S101 — it was written so, one line above
    function.body = rewritten.body or function.body
    return ast.fix_missing_locations(tree)


def _mentioned(tree: ast.Module) -> tuple[frozenset[str], bool]:
    """Attributes and the parts of dotted texts: what to read of a record when one of them is asked for."""
    fields: set[str] = set()
    request = False
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name):
                fields.add(name)
            case ast.Constant(value=str(text)) if len(text) < 200:
                fields.update(part for part in text.split(".") if part.isidentifier())
            case ast.Name(id="request_data"):
                request = True
    return frozenset(fields), request


def _places(made: ast.AST, read: ast.AST) -> Iterator[tuple[Place, Place]]:
    """Walk the tree that was written out and the one read from it again, side by side."""
    if type(made) is not type(read):
        return
    line, source = getattr(read, "lineno", None), getattr(made, "lineno", None)
    if line is not None and source is not None:
        yield (line, read.col_offset + 1), (source, made.col_offset + 1)  # type: ignore[attr-defined]
    for ours, theirs in zip(ast.iter_child_nodes(made), ast.iter_child_nodes(read), strict=False):
        yield from _places(ours, theirs)


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()[:16]
