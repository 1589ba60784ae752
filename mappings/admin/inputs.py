"""Inputs of mappings' pages: JSON values that may be typed without quotes, examples, scripts."""

import json
import math
import re
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIteratorValue
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from mappings.scripts.names import RECORD_METHODS

# PostgreSQL stores neither, and half a character cannot even be shown again.
_NOT_KEPT = re.compile("[\x00\ud800-\udfff]")
_MOST_DIGITS = 400


def read_json(text: str) -> Any:
    """Like json.loads, but strict: without NaN and infinity, no key twice, not nested too deeply. A byte order mark, as in text
    copied from a file, is accepted. Raises ValueError."""
    try:
        return json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_float=_fraction,
            parse_int=_integer,
        )
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def typed_json(text: str) -> Any:
    """The same for text that a person typed. Raises a ValidationError that says where it is not JSON."""
    try:
        return read_json(text)
    except json.JSONDecodeError as error:
        raise forms.ValidationError(
            f"This is no JSON: {error.msg} in line {error.lineno}, character {error.colno}."
        ) from error
    except ValueError as error:
        raise forms.ValidationError(f"This is no JSON: {error}.") from error


def kept(value: Any) -> Any:
    """The value, if it can be stored and shown again. Raises ValueError."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and (bad := _NOT_KEPT.search(one)):
            raise ValueError(f"a text holds the character U+{ord(bad[0]):04X}, which cannot be kept")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key “{key}” is there twice")
        found[key] = value
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _fraction(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:20]} is too large")
    return number


def _integer(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a number of {len(text):,} digits is too large")
    return int(text)


class _Typed(str):
    """Text as it was typed, to be shown again unchanged."""

    __slots__ = ()


class ValueField(forms.Field):
    """One JSON value in one line. Anything that is not JSON is a text, so that texts need no quotes. Empty is no value."""

    widget = UnfoldAdminTextInputWidget

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return kept(read_json(text))
        except ValueError as error:
            # A bracket or quote at the beginning is meant as JSON: say that it is not.
            if text[0] in ("{", "[", '"') or _NOT_KEPT.search(text):
                raise forms.ValidationError(f"This cannot be read as JSON: {error}.") from error
            return text

    def bound_data(self, data: Any, initial: Any) -> Any:
        return _Typed(data or "")

    def prepare_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, _Typed) else shown(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(shown(self.to_python(data)) != shown(initial))
        except forms.ValidationError:
            return True


def shown(value: Any) -> str:
    """A value as one would type it, with texts unquoted where that is unambiguous."""
    if value is None:
        return ""
    if isinstance(value, str) and value.strip() == value and value[:1] not in ("", "{", "[", '"'):
        try:
            read_json(value)
        except ValueError:
            return value
    return json.dumps(value, ensure_ascii=False)


class ExamplesField(forms.Field):
    """A list of examples; an empty field means none."""

    def __init__(self, **kwargs: Any) -> None:
        widget = UnfoldAdminTextareaWidget(attrs={"rows": 5, "spellcheck": "false", "class": "hub-editor"})
        super().__init__(required=False, widget=widget, **kwargs)

    def to_python(self, value: Any) -> Any:
        try:
            found = (kept(read_json(value)) if isinstance(value, str) and value.strip() else value) or []
        except ValueError as error:
            raise forms.ValidationError(f"This cannot be read as JSON: {error}.") from error
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise forms.ValidationError('Write a list: [{"request_data": {…}, "expected": …}].')
        return found

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or []))
        except forms.ValidationError:
            return True

    def prepare_value(self, value: Any) -> Any:
        return (
            value
            if isinstance(value, str)
            else json.dumps(value, ensure_ascii=False, indent=1)
            if value
            else ""
        )


class ScriptField(forms.CharField):
    """Source as it was typed. Browsers change line ends."""

    def __init__(self, **kwargs: Any) -> None:
        widget = UnfoldAdminTextareaWidget(
            attrs={
                "rows": 8,
                "spellcheck": "false",
                "autocapitalize": "off",
                "class": "hub-editor",
                "data-methods": " ".join(sorted(RECORD_METHODS)),
            }
        )
        super().__init__(required=False, strip=False, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "").replace("\r\n", "\n")
        return text if text.strip() else ""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class MappingSelect(UnfoldAdminSelectWidget):  # type: ignore[misc]  # unfold has no types
    """Choices with their models, so that the page can offer those that fit."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if isinstance(value, ModelChoiceIteratorValue):
            option["attrs"]["data-model"] = value.instance.model  # type: ignore[attr-defined]
        return option
