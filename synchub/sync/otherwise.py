"""What Odoo has made of what was written, where that is something else: the record says it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from endpoints import mirror
from endpoints.outbox import Claim, Verdict
from mappings.convert import Values, external_id, from_row
from mappings.normal import alike
from mappings.relations import is_structure
from mappings.spec import MappingSpec
from synchub.sync.coalesce import Do, work

_LONGEST = 60  # characters of a value
# Images come back in another size, and lists of ids without what is archived.
_NOT_COMPARED = ("binary", "image", "one2many", "many2many")


def otherwise(
    spec: MappingSpec, claims: Sequence[Claim], written: Mapping[int, Verdict], read: Mapping[int, mirror.Row]
) -> dict[int, str]:
    """By Odoo id, what to say of these records."""
    said = {}
    for claim in claims:
        row = read.get(written[claim.record_id].odoo_id or 0) if claim.record_id in written else None
        if row is None:
            continue
        there = from_row(spec, row.row)
        if texts := [*_called(spec, claim, there), *_kept(spec, claim, there)]:
            said[row.odoo_id] = " ".join(texts)
    return said


def _called(spec: MappingSpec, claim: Claim, there: Values) -> Iterator[str]:
    """Written under one name, and called by another one in Odoo: by a sequence, a rule, or capitals. Whoever looks for the first
    finds nothing, and whoever sends it again makes another record."""
    field = spec.identifier.field
    called = claim.named(field.name)
    if not called or field.name in claim.given_way:
        return
    if there[field.name] == called[-1] or spec.shows_the_same(field.name, called[-1], there[field.name]):
        return
    sent, now = (external_id(spec, {field.name: value}) for value in (called[-1], there[field.name]))
    yield (
        f"It was sent as “{sent or ''}”, and Odoo {f'calls it “{now}”' if now is not None else f'has kept no {field.label}'}: it "
        "is not found under the name that was sent, and sent so again it may be made once more. Send names as Odoo writes them; "
        f"where Odoo gives them, set the direction of “{spec.identifier.key}” to “from Odoo only”."
    )


def _kept(spec: MappingSpec, claim: Claim, there: Values) -> Iterator[str]:
    """Values that Odoo took and does not have: others decide them there. Not those that it only rounds or tidies up."""
    todo = work(claim)
    if todo.do not in (Do.CREATE, Do.UPDATE):
        return
    for name, sent in todo.item.written.items():
        if name not in there or there[name] == sent:
            continue
        line = spec.line_of(name)
        if (
            line is None
            or line.identifier
            or line.nested
            or line.write_when != "always"
            or line.field.language
        ):
            continue
        if is_structure(sent) or line.field.type.name in _NOT_COMPARED:
            continue
        if sent is None and claim.creates:
            continue  # what it was not given it may fill in
        if not line.field.stored and not line.field.computed:
            continue  # told to Odoo, and kept by nobody: a password, which of several meetings to change
        if not spec.shows_the_same(name, sent, there[name]) and not alike(line, sent, there[name]):
            yield (
                f"“{line.key}” was sent as {_text(line.present(sent))}, and Odoo has made it {_text(line.present(there[name]))}: "
                "something else decides it there."
            )


def _text(value: Any) -> str:
    text = "empty" if value is None or value == "" else f"“{value}”" if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
