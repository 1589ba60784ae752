"""What an access key may do at an endpoint: which methods, which keys of the records, which records.

An endpoint as such a key sees it is an endpoint with fewer lines: what is hidden is not known there at all, so it can be
neither read nor filtered, ordered or asked for. Writes go through the whole mapping, which has constants and defaults of
its own; what a payload may hold is checked before.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.db.models import Q

from endpoints import scope
from endpoints.incoming import NotAllowed, Stored
from endpoints.models import Record
from endpoints.registry import EndpointSpec, KeySpec
from mappings import domains
from mappings.line_error import LineError
from mappings.relations import is_structure, plain_values
from mappings.resolve import Item
from mappings.spec import LineSpec, MappingSpec
from synchub.errors import ConfigurationError, OdooPermanent

OUTSIDE = "This access key may not write this record, or not like this: it would lie outside of what the key reaches."
_ASK = "The hub's administrator finds this request by its id."


@dataclass(frozen=True, eq=False)
class Access:
    """`seen` is the endpoint as it is read, `whole` as it is written; the same where nothing is restricted.

    `readable` and `writable` are keys of the mapping.
    """

    seen: EndpointSpec
    whole: EndpointSpec
    methods: frozenset[str]
    readable: frozenset[str]
    writable: frozenset[str]
    hides_keys: bool
    hides_rows: bool
    may_act: bool = True
    """Call the endpoint's actions, which are posted to."""

    @property
    def is_restricted(self) -> bool:
        return self.hides_keys or self.hides_rows

    @cached_property
    def lines(self) -> list[LineSpec] | None:
        """What of a document is shown; None is all."""
        return list(self.seen.mapping.outgoing) if self.hides_keys else None

    @cached_property
    def view(self) -> str:
        """Another one for each choice of keys; empty where all are shown."""
        if self.lines is None:
            return ""
        keys = "\n".join(line.key for line in self.lines)
        return f"-{hashlib.blake2b(keys.encode(), digest_size=6).hexdigest()}"

    @cached_property
    def reach(self) -> str:
        """Another one for each choice of rows and keys; empty where all of both are reached."""
        if not self.is_restricted:
            return ""
        return hashlib.blake2b(repr((self.whole.moving_rows, self.view)).encode(), digest_size=6).hexdigest()

    def check_payload(self, payload: Mapping[str, Any]) -> None:
        """Raises NotAllowed for a key that may not be written, LineError for one that this access key does not know."""
        if self.hides_keys:
            for key in _keys(self.whole.mapping, payload, ""):
                if key not in self.writable and not any(one.startswith(f"{key}.") for one in self.writable):
                    self._refuse(key)

    def _refuse(self, key: str) -> None:
        if key in self.readable:
            raise NotAllowed(f"This access key may not write “{key}”.")
        known = ", ".join(line.key for line in self.whole.mapping.lines if line.key in self.writable)
        raise LineError(
            f"“{key[:80]}” is not a key of this endpoint. It takes: {known or 'nothing'}.",
            code="UNKNOWN_KEY",
            key=key[:80],
            line=None,
        )

    def discreet(self, error: Exception) -> Exception:
        """The error, or one that tells nothing of what is hidden: neither keys nor values, which others' words may hold."""
        if not self.is_restricted:
            return error
        if isinstance(error, OdooPermanent) and not error.record_missing:
            return OdooPermanent(f"why, is not for this access key. {_ASK}", code=error.code)
        if isinstance(error, LineError) and error.code != "UNKNOWN_KEY":
            if error.code == "ODOO" and not error.key:
                return LineError(
                    f"Odoo refuses this; why, is not for this access key. {_ASK}",
                    code=error.code, key="", line=None, index=error.index,
                )  # fmt: skip
            if not self._knows(error.key):
                return NotAllowed(
                    f"With this access key this cannot be written: something that it may not see is at fault. {_ASK}"
                )
            if error.code in ("ODOO", "SCRIPT"):
                return LineError(
                    f"“{error.key}” is refused; why, is not for this access key. {_ASK}",
                    code=error.code, key=error.key, line=error.line, index=error.index,
                )  # fmt: skip
        return error

    def _knows(self, key: str) -> bool:
        """Is it one of its keys, something inside one, or the object that holds one?"""
        return any(
            key == one or key.startswith((f"{one}.", f"{one}[")) or one.startswith(f"{key}.")
            for one in self.readable | self.writable
        )


def everything(endpoint: EndpointSpec) -> Access:
    """For an endpoint that is open to all, and for keys without restrictions."""
    keys = frozenset(line.key for line in endpoint.mapping.lines)
    return Access(endpoint, endpoint, endpoint.methods, keys, keys, hides_keys=False, hides_rows=False)


def of(endpoint: EndpointSpec, key: KeySpec | None) -> Access:
    """What the key may do; without one, what whoever was handed this endpoint may.

    Raises ConfigurationError where the key's rows cannot be told any more.
    """
    number = None if key is None else key.id
    found: Access | None = endpoint.accesses.get(number)
    if found is None:
        found = everything(endpoint) if key is None else _narrowed(endpoint, key)
        endpoint.accesses[number] = found
    return found


def _narrowed(endpoint: EndpointSpec, key: KeySpec) -> Access:
    methods = endpoint.methods & key.methods if key.methods else endpoint.methods
    hides_keys = bool(key.read or key.write) or "GET" not in methods
    may_act = not key.methods or "POST" in key.methods
    if not hides_keys and not key.domain:
        return replace(everything(endpoint), methods=methods, may_act=may_act)
    mapping = endpoint.mapping
    asked = key.read or tuple(line.key for line in mapping.lines)
    # Whoever may not read is told no more than the name of what was written.
    readable = _matching(mapping, asked if "GET" in methods else ()) | {mapping.identifier.key}
    lines = tuple(line for line in mapping.lines if line.key in readable)
    shown = {line.field.name for line in lines if line.tells_field}
    # What tells its rows apart has to be known, though it is not shown.
    deciding = tuple(
        mapping.by_field[name] for name in domains.fields_of(key.domain) - shown if name in mapping.by_field
    )
    whole = _with_rows(endpoint, key)
    seen = replace(
        whole,
        mapping=replace(mapping, lines=lines, extra=(*mapping.extra, *deciding)) if hides_keys else mapping,
        parameters=tuple(
            one
            for one in endpoint.parameters
            if not hides_keys or one.field.name in shown or one.key in key.read
        ),
        accesses={},
    )
    found = Access(
        seen, whole, methods, readable, _matching(mapping, key.write or asked),
        hides_keys=hides_keys, hides_rows=bool(key.domain), may_act=may_act,
    )  # fmt: skip
    # Whoever is handed one of these reaches no more with it.
    whole.accesses[None] = seen.accesses[None] = found
    return found


def _with_rows(endpoint: EndpointSpec, key: KeySpec) -> EndpointSpec:
    by_field = endpoint.mapping.by_field
    missing = domains.fields_of(key.domain) - set(by_field) - {"id"}
    relations = {name for name, field in by_field.items() if getattr(field.type, "relation", "")}
    wrong = scope.problems(key.domain, relations)
    if missing or wrong:
        raise ConfigurationError(
            f"The rows of access key “{key.name}” at endpoint “{endpoint.name}” cannot be told: "
            + (f"Odoo has no field {', '.join(sorted(missing))}." if missing else " ".join(wrong))
        )
    return replace(
        endpoint,
        moving_domain=domains.both(endpoint.moving_domain, key.domain),
        moving_rows=key.domain,
        accesses={},
    )


def described(access: Access) -> EndpointSpec:
    """The endpoint as it is described to whoever has this access: each line only in the directions it may be used, and new
    records only where the access may say all that they need."""
    makes = _says_what_is_needed(access)
    lines = (
        replace(line, from_odoo=line.from_odoo and line.key in access.readable,
                to_odoo=line.to_odoo and line.key in access.writable)
        for line in access.whole.mapping.lines
    )  # fmt: skip
    mapping = replace(
        access.whole.mapping,
        lines=tuple(line for line in lines if line.from_odoo or line.to_odoo or line.identifier),
    )
    return replace(
        access.seen,
        mapping=mapping if access.hides_keys else access.whole.mapping,
        methods=access.methods if makes else access.methods - {"POST"},
        put_creates=access.whole.put_creates and makes,
        actions=access.whole.actions if access.may_act else {},
    )


def _says_what_is_needed(access: Access) -> bool:
    """Of a record that is there already, a POST has to say what it is called."""
    spec, updates = access.whole.mapping, access.whole.post_updates
    needed = (line for line in spec.incoming if line.identifier or (line.required and not updates))
    return all(
        line.key in access.writable
        for line in needed
        if line.default is None and line.constant is None and line.script is None
    )


def _matching(mapping: MappingSpec, wanted: Iterable[str]) -> frozenset[str]:
    names = tuple(wanted)
    return frozenset(
        line.key
        for line in mapping.lines
        if any(line.key == name or line.key.startswith(f"{name}.") for name in names)
    )


def _keys(spec: MappingSpec, payload: Mapping[str, Any], above: str) -> Iterable[str]:
    """The keys that a payload sets, dotted ones as the mapping has them."""
    for name, value in payload.items():
        key = f"{above}{name}"
        if key in spec.groups and isinstance(value, Mapping):
            yield from _keys(spec, value, f"{key}.")
        else:
            yield key


def rows(endpoint: EndpointSpec) -> Q:
    """The records of the endpoint that this access reaches, as a condition on the mirror."""
    if not endpoint.moving_rows:
        return Q()
    now = domains.expand(endpoint.moving_rows, datetime.now(UTC), endpoint.time_zone)
    return scope.condition(now, endpoint.mapping.by_field)


def check_inside(endpoint: EndpointSpec, written: Q, number: int = 1) -> None:
    """Raises NotAllowed unless all of these records, as they are in this transaction, are among the rows."""
    if endpoint.moving_rows:
        inside = Record.objects.filter(rows(endpoint), written, endpoint_id=endpoint.id).count()
        if inside != number:
            raise NotAllowed(OUTSIDE)


def as_reached(endpoint: EndpointSpec, before: Sequence[Stored], now: Sequence[Stored]) -> list[Stored]:
    """Records as they are now; one that has left the rows since it was written, as it was `before`."""
    if not endpoint.moving_rows:
        return list(now)
    there = Record.objects.filter(rows(endpoint), handle__in=[one.handle for one in now])
    inside = set(there.values_list("handle", flat=True))
    return [one if one.handle in inside else was for was, one in zip(before, now, strict=True)]


def check_would_be_inside(endpoint: EndpointSpec, items: Sequence[Item]) -> None:
    """The same before anything is written, for what would come of these writes."""
    if not endpoint.moving_rows:
        return
    told = domains.fields_of(endpoint.moving_rows)
    values = [{**(item.base or {}), **plain_values(item.written), **item.values} for item in items]
    if any(told & set(item.commands) for item in items) or not scope.all_inside(
        rows(endpoint), endpoint.id, values
    ):
        raise NotAllowed(OUTSIDE)


def check_tells_rows(endpoint: EndpointSpec, written: Mapping[str, Any]) -> None:
    """Raises NotAllowed for a relation that decides where the record belongs, where only Odoo could tell which."""
    decides = domains.fields_of(endpoint.moving_rows)
    if any(name in decides and is_structure(value) for name, value in written.items()):
        raise NotAllowed(OUTSIDE)
