"""What all field types share: the fallback for types that the hub does not know, and how a wrong value is told."""

from dataclasses import dataclass
from typing import Any

from synchub.errors import HubError

INT32_MAX = 2**31 - 1


class WrongValue(HubError):
    """A JSON value does not fit the field; the text says what would. `code` is the API's error code."""

    def __init__(self, text: str, code: str = "TYPE") -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class FieldType:
    """Readable whatever it is, but not writable: the fallback for types the hub does not know."""

    name: str
    writable = False
    # What PostgreSQL has to cast a canonical value to, to compare it: "text", "numeric", "boolean"; "" for lists.
    compared_as = "text"

    def parse(self, value: Any) -> Any:
        raise WrongValue(f"a field of type {self.name} cannot be written", "READONLY")

    def from_wire(self, value: Any) -> Any:
        return None if value is False else value

    def to_wire(self, value: Any) -> Any:
        return False if value is None else value

    def present(self, value: Any) -> Any:
        return value


@dataclass(frozen=True)
class Refusing(FieldType):
    """A field that its line no longer fits: shown as `inner` shows it, never written."""

    inner: FieldType

    @property
    def compared_as(self) -> str:  # type: ignore[override]
        return self.inner.compared_as

    def parse(self, value: Any) -> Any:
        # Consumers are not told how things are called in Odoo; administrators are, by `drift`.
        raise WrongValue(
            "it cannot be written now, because its field has changed in Odoo; an administrator has to mend its line",
            "READONLY",
        )

    def from_wire(self, value: Any) -> Any:
        return self.inner.from_wire(value)

    def to_wire(self, value: Any) -> Any:
        return self.inner.to_wire(value)

    def present(self, value: Any) -> Any:
        return self.inner.present(value)


def whole(value: Any) -> Any:
    """5.0 is 5: JSON has one kind of number, and some writers put a point into each."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def json_name(value: Any) -> str:
    """What a JSON value is called in a message; short texts and numbers are quoted."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"“{value}”" if len(value) <= 40 and value.isprintable() else "this text"
    if isinstance(value, (int, float)):
        return str(value) if abs(value) < 10**12 else "this number"
    return "a list" if isinstance(value, list) else "an object"
