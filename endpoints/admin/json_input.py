"""A JSON object typed by a person."""

import json
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget

from mappings.admin.inputs import typed_json


class JsonObjectField(forms.CharField):
    def __init__(self, *, rows: int = 12, **kwargs: Any) -> None:
        attrs = {"rows": rows, "spellcheck": "false", "class": "hub-editor"}
        super().__init__(strip=False, widget=UnfoldAdminTextareaWidget(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> Any:
        read = typed_json(super().clean(value))
        if not isinstance(read, dict):
            raise forms.ValidationError("One record is an object: { … }.")
        return read


def text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
