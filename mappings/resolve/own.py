"""What of a record's own values is sent: what Odoo has already is not, unless it would work it out anew. Pure."""

from mappings.convert import Values
from mappings.html import check_emptied
from mappings.line_error import LineError
from mappings.payload import completed
from mappings.relations import is_partial
from mappings.resolve.item import Item
from mappings.spec import MappingSpec


def said_again(spec: MappingSpec, item: Item, base: Values) -> Values:
    """What was sent and is so already, where Odoo would work it out anew from what else is written: another partner brings
    other payment terms along, unless these are given."""
    going = [*item.values, *item.commands]
    return {
        name: base[name]
        for name, value in item.written.items()
        if name not in going
        and name in base
        and not is_partial(value)
        and spec.worked_out_anew(name, going, item.written)
    }


def check_html(spec: MappingSpec, item: Item, plain: Values) -> None:
    try:
        check_emptied(spec, plain, item.base or {})
    except LineError as error:
        item.problem = error


def set_apart(spec: MappingSpec, item: Item, changed: Values) -> None:
    """What is in other languages is not part of the record's own values.

    Odoo cannot be given a new record in several languages at once: what has no value in the connection's begins with
    another's, as it does when a person writes it in that language.
    """
    item.translations = {}
    item.values = {name: value for name, value in item.values.items() if not spec.by_field[name].language}
    for language, fields in spec.languages.items():
        for field_ in fields:
            if field_.name not in changed:
                continue
            item.translations.setdefault(language, {})[field_.name] = changed[field_.name]
            given = {spec.by_field[name].odoo_name for name in item.values}
            if item.odoo_id is None and field_.odoo_name not in given:
                item.values[field_.name] = changed[field_.name]


def to_be_written(spec: MappingSpec, item: Item) -> Values:
    """Of a record that Odoo has, without what its lines do not write over; what only looks different as Odoo has it."""
    if item.odoo_id is None:
        return item.written
    base = item.base or {}
    result: Values = {}
    for name, value in item.written.items():
        line = spec.line_of(name)
        limited = line is not None and line.write_when != "always"
        # Not known is not empty: nothing of Odoo's is to be lost.
        if limited and line and (name not in base or not line.writes_over(base[name])):
            continue
        exact = (
            line is not None
            and line.nested is None
            and name in base
            and spec.shows_the_same(name, value, base[name])
        )
        result[name] = base[name] if exact else value
    return result


def complete(spec: MappingSpec, item: Item) -> None:
    try:
        item.written = completed(spec, item.written)
    except LineError as error:
        item.problem = error
