"""Texts, yes or no, choices and files."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from mappings.fieldtypes.base import FieldType, WrongValue, json_name, whole
from synchub.odoo.wire import unsendable_text


@dataclass(frozen=True)
class TextType(FieldType):
    size: int | None = None
    writable = True

    def parse(self, value: Any) -> str | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise WrongValue(f"a text is expected, not {json_name(value)}")
        bad = unsendable_text(value)
        if bad is not None:
            raise WrongValue(f"the text holds the character {bad}, which Odoo cannot take")
        if self.size and len(value) > self.size:
            raise WrongValue(f"the text has {len(value)} characters; Odoo takes {self.size}")
        return value

    def from_wire(self, value: Any) -> Any:
        # Odoo knows two empty texts, of which nobody outside wants to tell one from the other.
        return None if value is False or value == "" else value


@dataclass(frozen=True)
class PerLanguageText(TextType):
    """A text whose other languages stand beside it: Odoo's False would empty them all."""

    def to_wire(self, value: Any) -> Any:
        return "" if value is None else value


@dataclass(frozen=True)
class BooleanType(FieldType):
    writable = True
    compared_as = "boolean"

    def parse(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise WrongValue(f"true or false is expected, not {json_name(value)}")
        return value

    def from_wire(self, value: Any) -> bool:
        return bool(value)

    def to_wire(self, value: Any) -> bool:
        return bool(value)


@dataclass(frozen=True)
class SelectionType(FieldType):
    options: tuple[tuple[Any, str], ...] = ()
    writable = True

    def parse(self, value: Any) -> Any:
        if value is None:
            return None
        value = whole(value)
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise WrongValue(f"one of {self.offered()} is expected, not {json_name(value)}", "SELECTION")
        # Odoo's values are texts, of which some are numbers: a priority is "1".
        text = str(value)
        for option, _ in self.options:
            if str(option) == text:
                return option
        by_label = [option for option, label in self.options if label.casefold() == text.casefold()]
        if len(by_label) == 1:
            return by_label[0]
        raise WrongValue(f"{json_name(value)} is none of {self.offered()}", "SELECTION")

    def offered(self) -> str:
        shown = [str(option) for option, _ in self.options[:12]]
        return ", ".join(shown) + (", …" if len(self.options) > 12 else "")


@dataclass(frozen=True)
class BinaryType(FieldType):
    writable = True

    def parse(self, value: Any) -> str | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise WrongValue(f"base64 text is expected, not {json_name(value)}")
        try:
            raw = base64.b64decode("".join(value.split()), validate=True)
        except (binascii.Error, ValueError):
            raise WrongValue("the text is not base64") from None
        return base64.b64encode(raw).decode() or None

    def from_wire(self, value: Any) -> Any:
        if isinstance(value, bytes):
            value = base64.b64encode(value).decode()
        return "".join(value.split()) if isinstance(value, str) and value else None
