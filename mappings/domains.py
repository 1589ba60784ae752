"""Odoo's search domains, read without `eval`.

A domain is a list of terms `(field, operator, value)`, with `&`, `|` and `!` in front of them (Polish notation);
terms without an operator between them are joined by `&`. Source: Odoo 18, `odoo/osv/expression.py`.

Dates may be relative: `('write_date', '>=', 'today - 7 days')`. `domain_fields.bind` finds these, `expand` turns them
into dates at each use.
"""

import ast
from datetime import datetime
from typing import Any, TypeAlias

from mappings.relative_dates import Relative
from synchub.errors import HubError, ValueNotSendable
from synchub.odoo.wire import sendable

Term: TypeAlias = tuple[str, str, Any]
Domain: TypeAlias = list[Term | str]

OPERATORS = frozenset(
    {
        "=", "!=", "<>", "<", "<=", ">", ">=", "=?", "in", "not in", "like", "ilike", "not like", "not ilike",
        "=like", "=ilike", "child_of", "parent_of", "any", "not any",
    }
)  # fmt: skip
_ARITY = {"&": 2, "|": 2, "!": 1}
_MAX_LENGTH = 20_000


class DomainError(HubError):
    """The text is not a domain; the message says where."""


def parse(text: str) -> Domain:
    """Reads a domain from text. Only literals are allowed: no names, no calls, no arithmetic."""
    text = text.strip()
    if not text:
        return []
    if len(text) > _MAX_LENGTH:
        raise DomainError(f"The domain is longer than {_MAX_LENGTH} characters.")
    try:
        value = ast.literal_eval(text)
    except SyntaxError as error:
        raise DomainError(f"This is no list, near character {error.offset}: {error.msg}.") from None
    except (ValueError, TypeError, MemoryError, RecursionError):
        raise DomainError(
            "Only lists, texts, numbers, True, False and None are allowed: [('customer_rank', '>', 0)]."
        ) from None
    return check(value)


def check(value: Any) -> Domain:
    """The domain with its terms as tuples, if it is well formed."""
    if not isinstance(value, (list, tuple)):
        raise DomainError("A domain is a list: [('customer_rank', '>', 0)].")
    domain = [_checked_item(item, place) for place, item in enumerate(value, start=1)]
    missing = 1 if domain else 0
    for item in domain:
        if missing <= 0:
            missing = 1  # another term, to be joined by &
        missing += _ARITY[item] - 1 if isinstance(item, str) else -1
    if missing > 0 and domain:
        raise DomainError("An operator &, | or ! at the end has no terms to work on.")
    return domain


def _checked_item(item: Any, place: int) -> Term | str:
    if isinstance(item, str):
        if item in _ARITY:
            return item
        raise DomainError(f"Item {place} is “{item}”; only '&', '|', '!' may stand without brackets.")
    if not isinstance(item, (list, tuple)) or len(item) != 3:
        raise DomainError(f"Item {place} has to be three things: ('field', 'operator', value).")
    field, operator, value = item
    if not isinstance(field, str) or not field:
        raise DomainError(f"Item {place} has to begin with a field's name.")
    if not isinstance(operator, str) or operator not in OPERATORS:
        raise DomainError(
            f"Item {place}: “{operator}” is no operator; there are {', '.join(sorted(OPERATORS))}."
        )
    if operator in ("any", "not any"):
        return (field, operator, check(value))
    for one in value if isinstance(value, (list, tuple)) else [value]:
        if not _is_value(one):
            raise DomainError(f"Item {place}: {str(one)[:40]} is no value that Odoo takes.")
    return (field, operator, value)


def _is_value(one: Any) -> bool:
    # `literal_eval` also reads what Odoo does not take: bytes, sets, complex numbers, integers of any size.
    if type(one) not in (str, int, float, bool, type(None)):
        return False
    try:
        sendable(one)
    except ValueNotSendable:
        return False
    return True


def expand(domain: Domain, now: datetime, time_zone: str = "") -> Domain:
    """The domain as Odoo takes it, at a moment; `time_zone` says when days begin, empty is UTC."""

    def value(one: Any) -> Any:
        if isinstance(one, Relative):
            return one.at(now, time_zone)
        return [value(item) for item in one] if isinstance(one, list) else one

    return [
        item
        if isinstance(item, str)
        else (
            item[0],
            item[1],
            expand(item[2], now, time_zone) if item[1] in ("any", "not any") else value(item[2]),
        )
        for item in domain
    ]


def moves(domain: Domain) -> bool:
    """Whether the records that it fits change as time passes."""
    return any(isinstance(item, tuple) and _moves(item[2]) for item in domain)


def _moves(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_moves(one) for one in value)
    return isinstance(value, Relative)


def outside(domain: Domain, moment: datetime, time_zone: str = "") -> Domain:
    """The domain of all other records, at that moment."""
    # The empty domain fits everything, and its opposite nothing.
    return ["!", *_normal(expand(domain, moment, time_zone))] if domain else [("id", "=", False)]


def either(first: Domain, second: Domain) -> Domain:
    """The records that satisfy one of them."""
    return ["|", *_normal(first), *_normal(second)] if first and second else []


def fields_of(domain: Domain) -> set[str]:
    """The fields that a domain compares; dotted paths as they are."""
    return {item[0] for item in domain if not isinstance(item, str)}


def as_searched(model: str, domain: Domain) -> Domain:
    """The domain with what Odoo itself adds to it.

    A search for attachments leaves out the files and pictures that are fields of records, unless the domain has an `id`, as
    it does when the records are walked through. Source: Odoo 18, `_search` of ir.attachment.
    """
    if model != "ir.attachment" or fields_of(domain) & {"id", "res_field"}:
        return domain
    return both(domain, [("res_field", "=", False)])


def both(first: Domain, second: Domain) -> Domain:
    """The records that satisfy both."""
    return [*first, *second]


def _normal(domain: Domain) -> Domain:
    """With each `&` written out, so that more terms can follow."""
    result: Domain = []
    missing = 1
    for item in domain:
        if missing == 0:
            result.insert(0, "&")
            missing = 1
        result.append(item)
        missing += _ARITY[item] - 1 if isinstance(item, str) else -1
    return result
