"""What Odoo says, traced to the line of the mapping that it is about. Pure.

rules      what kind of refusal a text of Odoo's is, and the names in it
places     every place of a payload, relations included: `lines[2].price`
locate     the place that a refusal is about
sentences  what a person is to do about it
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mappings.spec import LineSpec, MappingSpec
from mappings.tracing.locate import locate
from mappings.tracing.rules import own_words, read
from mappings.tracing.sentences import is_outdated, sentence

__all__ = ["Traced", "trace"]


@dataclass(frozen=True)
class Traced:
    """`line` is the line at fault, of this mapping or of one inside it, `key` its place in what was sent
    (`lines[2].price`); None and "" where Odoo's text tells of none. `text` is for people and ends with Odoo's words. `fits`: what
    was sent there could have been refused so. `outdated`: what the hub knows of the field no longer fits Odoo."""

    line: LineSpec | None
    key: str
    text: str
    fits: bool = False
    outdated: bool = False

    @property
    def line_id(self) -> int | None:
        return self.line.id if self.line else None


def trace(
    spec: MappingSpec,
    message: str,
    *,
    field: str | None = None,
    values: Mapping[str, Any] | None = None,
    code: int | None = None,
    changing: bool = False,
    acting: str = "",
) -> Traced:
    """`message` is an OdooError's, or one of `load`'s; `field` the Odoo field that came with it, perhaps a path
    (`order_line.0.price_unit`); `code` the fault's.

    `values` are what was written: canonical, by field, relations as structures (see `mappings.relations`). None: it was
    a deletion, or nobody knows. `changing`: to a record that Odoo has, so that what was not sent is not empty. `acting`: the name
    of the action that was called.
    """
    words = own_words(message)
    refusal = read(words, code)
    found = locate(spec, refusal, field, values, changing=changing)
    text = sentence(spec, refusal, found, deleting=values is None, acting=acting)
    shown = " ".join(words.split())
    text = f"{text} Odoo says: {shown}"
    if found is None:
        return Traced(None, "", text)
    return Traced(found.line, found.key, text, found.fits, is_outdated(refusal, found))
