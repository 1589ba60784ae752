"""Inputs of mappings' pages: a JSON value that a person may write without quotes, examples, a script."""

import json
import math
import re
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIteratorValue
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from mappings.scripts.names import RECORD_METHODS

# PostgreSQL keeps neither, and half a character cannot even be shown again.
_NOT_KEPT = re.compile("[\x00\ud800-\udfff]")
_MOST_DIGITS = 400


def read_json(text: str) -> Any:
    """As json.loads, but strict: NaN and what has no end are no JSON, a key stands once, and what lies too deep is refused.
    What was copied out of a file may begin with a byte order mark. Raises ValueError."""
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
    """The same of what a person typed. Raises ValidationError that says where it is none."""
    try:
        return read_json(text)
    except json.JSONDecodeError as error:
        raise forms.ValidationError(
            f"This is no JSON: {error.msg} in line {error.lineno}, character {error.colno}."
        ) from error
    except ValueError as error:
        raise forms.ValidationError(f"This is no JSON: {error}.") from error


def kept(value: Any) -> Any:
    """The value itself, where it can be kept and shown again. Raises ValueError."""
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
    """Text that somebody typed, to be shown again as it is."""

    __slots__ = ()


class ValueField(forms.Field):
    """One JSON value in one line. What is no JSON is a text, so that texts need no quotes; empty is no value."""

    widget = UnfoldAdminTextInputWidget

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return kept(read_json(text))
        except ValueError as error:
            # Whoever began with a bracket or a quote meant JSON, and has to hear that it is none.
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
    """A value as one would type it: texts without quotes where nothing else could be meant."""
    if value is None:
        return ""
    if isinstance(value, str) and value.strip() == value and value[:1] not in ("", "{", "[", '"'):
        try:
            read_json(value)
        except ValueError:
            return value
    return json.dumps(value, ensure_ascii=False)


class ExamplesField(forms.Field):
    """A list of examples; an empty field is none."""

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
    """Source as it was typed; browsers send other ends of lines than they were given."""

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
    """Each choice with the model that it is about, for the page to offer those that fit."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if isinstance(value, ModelChoiceIteratorValue):
            option["attrs"]["data-model"] = value.instance.model  # type: ignore[attr-defined]
        return option
