"""A consumer's JSON → canonical values by Odoo field, checked line by line. Pure.

objects    one object, what is inside its relations included
repeating  whether a write of a relation only repeats what is shown
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mappings.convert import Fragments, Values
from mappings.line_error import LineError
from mappings.payload.objects import (
    MAX_ITEMS,
    completed,
    leaves,
    missing,
    parse_value,
    read_object,
    sent_identifier,
)
from mappings.payload.repeating import repeats, says_the_same
from mappings.relations import fragments_of
from mappings.scripts import ScriptError
from mappings.scripts.values import checked
from mappings.spec import LineSpec, MappingSpec

__all__ = [
    "MAX_ITEMS",
    "Written",
    "completed",
    "parse_value",
    "problems_of",
    "read_object",
    "read_payload",
    "repeats",
    "request_data",
    "says_the_same",
    "sent_identifier",
]


@dataclass(frozen=True)
class Written:
    """What a consumer wrote. `values` may hold relations as structures (see `relations`); `fragments` are the relations as
    they were sent, to be shown until Odoo has answered."""

    values: Values = field(default_factory=dict)
    fragments: Fragments = field(default_factory=dict)
    request: Mapping[str, Any] | None = None
    """The request itself, if a script needs it when the write is pushed."""


def read_payload(spec: MappingSpec, payload: Mapping[str, Any], *, creating: bool) -> Written:
    """Checks a request's object. Raises LineError.

    A new record needs its required keys, and gets defaults. A changed one has only what was sent.
    """
    values, sent = read_object(spec, payload, creating=creating)
    if spec.scripted_in or spec.executing:
        _check_for_scripts(spec, sent)
    return Written(
        values, fragments_of(spec, values), request_data(spec, payload) if spec.executing else None
    )


def _check_for_scripts(spec: MappingSpec, sent: Mapping[str, Any]) -> None:
    """Checks that all of a request can be stored and sent. Scripts see it all, including parts that no field has checked.
    Raises LineError."""
    for key, value in sent.items():
        try:
            checked(value)
        except ScriptError as error:
            raise LineError(f"“{key}”: {error}", code="TYPE", key=key, line=spec.by_key[key]) from None


def request_data(spec: MappingSpec, payload: Mapping[str, Any]) -> dict[str, Any]:
    """A request as scripts see it: dotted keys are nested objects, however they were sent."""
    result: dict[str, Any] = {}
    _spread(spec, payload, "", result)
    return result


def _spread(spec: MappingSpec, sent: Mapping[str, Any], prefix: str, result: dict[str, Any]) -> None:
    for name, value in sent.items():
        place, key = result, f"{prefix}{name}"
        *groups, last = name.split(".")
        for group in groups:
            place = place.setdefault(group, {})
        if key in spec.by_key:
            place[last] = value
        else:
            _spread(spec, value, f"{key}.", place.setdefault(last, {}))


def problems_of(spec: MappingSpec, payload: Mapping[str, Any], *, creating: bool) -> list[LineError]:
    """Everything that is wrong with a request's object, at most one problem for each key. For previews."""
    problems: list[LineError] = []
    for name, value in payload.items():
        try:
            read_payload(spec, {name: value}, creating=False)
        except LineError as error:
            problems.append(error)
    if not problems:  # valid keys may still contradict each other
        try:
            read_payload(spec, payload, creating=False)
        except LineError as error:
            problems.append(error)
    blamed = {problem.key for problem in problems}
    sent = {name for name in payload if not any(key == name or key.startswith(f"{name}.") for key in blamed)}
    given = {key for key, _ in leaves(spec, {name: payload[name] for name in sent}, "")} | blamed
    return problems + [missing(line, line.key) for line in _required(spec, given) if creating]


def _required(spec: MappingSpec, sent: Container[str]) -> Iterator[LineSpec]:
    """Required keys that a new record lacks."""
    for line in spec.lines:
        if (
            line.key not in sent
            and line.to_odoo
            and line.default is None
            and (line.required or line.identifier)
        ):
            yield line
