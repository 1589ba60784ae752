"""What one access may do, and what it is told of errors."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from endpoints.incoming import NotAllowed
from endpoints.registry import EndpointSpec
from mappings.line_error import LineError
from mappings.spec import LineSpec, MappingSpec
from synchub.errors import OdooPermanent

_ASK = "The hub's administrator finds this request by its id."


@dataclass(frozen=True, eq=False)
class Access:
    seen: EndpointSpec
    """The endpoint as it is read."""
    whole: EndpointSpec
    """The endpoint as it is written; the same one where nothing is restricted."""
    methods: frozenset[str]
    readable: frozenset[str]
    """Keys of the mapping, like `writable`."""
    writable: frozenset[str]
    hides_keys: bool
    hides_rows: bool
    may_act: bool = True
    """May call the endpoint's actions."""

    @property
    def is_restricted(self) -> bool:
        return self.hides_keys or self.hides_rows

    @cached_property
    def lines(self) -> list[LineSpec] | None:
        """The lines that are shown of a document; None: all."""
        return list(self.seen.mapping.outgoing) if self.hides_keys else None

    @cached_property
    def view(self) -> str:
        """A short name for the choice of keys; empty where all are shown."""
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
        """Raises NotAllowed for a key that may not be written, LineError for one this access key does not know of."""
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
        """The error, or one that gives nothing hidden away. The texts of Odoo and of scripts may hold any key and value."""
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
        """Whether this is one of its keys, something inside one, or an object around one."""
        return any(
            key == one or key.startswith((f"{one}.", f"{one}[")) or one.startswith(f"{key}.")
            for one in self.readable | self.writable
        )


def _keys(spec: MappingSpec, payload: Mapping[str, Any], above: str) -> Iterable[str]:
    """The keys that a payload sets, nested ones dotted as in the mapping."""
    for name, value in payload.items():
        key = f"{above}{name}"
        if key in spec.groups and isinstance(value, Mapping):
            yield from _keys(spec, value, f"{key}.")
        else:
            yield key
