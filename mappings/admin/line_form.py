"""The form of a line: which options apply to which kinds of lines and fields."""

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from mappings.admin.inputs import ExamplesField, MappingSelect, ScriptField, ValueField
from mappings.models import Kind, Line, SchemaProblem, WriteWhen
from synchub.admin.forms import HubForm

SCRIPT_FIELDS = ("script", "script_mode", "script_examples")

_NUMBERS = "integer float monetary"
# Option → (kinds of lines, types of fields) that it applies to; "" means all. lines.js hides the others.
APPLIES: dict[str, tuple[str, str]] = {
    "language": ("plain", "char text html"),
    "nested": ("relation", ""),
    "on_missing": ("relation", ""),
    "on_several": ("relation", ""),
    "script": ("script", ""),
    "script_mode": ("script", ""),
    "script_examples": ("script", ""),
    "default": ("plain relation", ""),
    "constant": ("plain", ""),
    "table": ("plain", "char text selection integer float monetary boolean many2one date datetime"),
    "pattern": ("plain", "date datetime"),
    "time_zone": ("plain", "datetime"),
    "decimal_sign": ("plain", _NUMBERS),
    "thousands_sign": ("plain", _NUMBERS),
    "decimals": ("plain", "float monetary"),
    "trim": ("plain", "char text"),
    "case": ("plain", "char text"),
    "write_when": ("plain relation", ""),
    "conflicts": ("plain relation script", ""),
}
_SENT = ("default", "write_when", "conflicts", "on_missing", "on_several")
"""Options for sending: not for a line that only comes from Odoo."""

_KINDS = {Kind.PLAIN: "plain value", Kind.RELATION: "other records", Kind.SCRIPT: "script"}
_DECIMAL_SIGNS = [("", "a number"), (",", "text, with a comma: 12,5"), (".", "text, with a point: 12.5")]
_THOUSANDS_SIGNS = [
    ("", "none"),
    (".", "point: 1.234"),
    (",", "comma: 1,234"),
    ("'", "apostrophe: 1'234"),
    ("\N{RIGHT SINGLE QUOTATION MARK}", "curly apostrophe: 1’234"),
    (" ", "space: 1 234"),
    ("\N{NO-BREAK SPACE}", "no-break space: 1 234"),
]


class SignField(forms.ChoiceField):
    """One of a few characters, among them a space."""

    def __init__(self, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(choices=choices, required=False, widget=UnfoldAdminSelectWidget, **kwargs)


class LineForm(HubForm[Line]):
    default = ValueField(
        required=False, help_text="For a new record that lacks the key: contact, 5, true, or any JSON."
    )
    constant = ValueField(
        required=False,
        help_text="Written to each record; nobody can send it. From Odoo only: it is what is shown.",
    )
    script = ScriptField(help_text="Python. The last line is the value.")
    script_examples = ExamplesField(
        label="examples",
        help_text='They have to pass: [{"request_data": {"name": "x"}, "record": {"name": "x"}, "expected": "X"}]',
    )
    decimal_sign = SignField(_DECIMAL_SIGNS, label="number outside", initial="")
    thousands_sign = SignField(_THOUSANDS_SIGNS, label="between thousands", initial="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("nested", "table"):
            field: Any = self.fields.get(name)
            # Adding or editing one from inside a row would lose what was typed here.
            for what in ("add", "change", "view", "delete"):
                if hasattr(getattr(field, "widget", None), f"can_{what}_related"):
                    setattr(field.widget, f"can_{what}_related", False)
        choices: Any
        for name, choices in (("kind", list(_KINDS.items())), ("write_when", WriteWhen.choices)):
            if name in self.fields:
                self.fields[name].choices = choices  # type: ignore[attr-defined]
        for name in ("on_missing", "on_several", "script_mode", "write_when", "conflicts", "case"):
            if name in self.fields:  # options that do not apply need not be sent
                self.fields[name].required = False
        for name, (kinds, types) in APPLIES.items():
            if name in self.fields:
                widget: Any = self.fields[name].widget
                # Django admin wraps the inputs of relations.
                getattr(widget, "widget", widget).attrs |= {
                    "data-kinds": kinds,
                    "data-types": types,
                    "data-sent": "yes" if name in _SENT else "",
                    "data-translated": "yes" if name == "language" else "",
                }

    class Meta:
        model = Line
        fields = (
            "position", "key", "field", "kind", "direction", "required", "identifier", "language", "nested", "on_missing",
            "on_several", "script_mode", "script", "script_examples", "default", "constant", "write_when", "conflicts", "table",
            "pattern", "time_zone", "decimal_sign", "thousands_sign", "decimals", "trim", "case",
        )  # fmt: skip
        labels = {
            "nested": "its mapping",
            "on_missing": "if none is found",
            "on_several": "if several are found",
        }
        labels |= {"script_mode": "mode", "decimals": "round to decimals", "trim": "drop space around"}
        help_texts = {
            "key": "", "field": "", "required": "", "identifier": "", "table": "", "decimals": "", "trim": "",
            "pattern": "%d/%m/%Y or %Y-%m-%d %H:%M", "time_zone": "Europe/Brussels",
            "nested": "How the other records look. With nothing but its identifier: plain values.",
        }  # fmt: skip
        widgets = {
            "key": UnfoldAdminTextInputWidget(attrs={"placeholder": "customer_id", "spellcheck": "false"}),
            "field": UnfoldAdminTextInputWidget(
                attrs={
                    "list": "odoo-fields",
                    "placeholder": "ref",
                    "autocomplete": "off",
                    "spellcheck": "false",
                }
            ),
            "nested": MappingSelect,
            "time_zone": UnfoldAdminTextInputWidget(attrs={"list": "time-zones", "autocomplete": "off"}),
            "language": UnfoldAdminTextInputWidget(
                attrs={"list": "odoo-languages", "autocomplete": "off", "spellcheck": "false"}
            ),
        }

    @property
    def grown_apart(self) -> list[SchemaProblem]:
        """Where Odoo's field has changed since the line was written."""
        return list(self.instance.schema_problems.all()) if self.instance.pk else []

    @property
    def summary(self) -> str:
        """A summary of the options that are set, for the folded row."""
        return ", ".join(_said(self.instance))


def _said(line: Line) -> list[str]:
    said = [f"in {line.language}"] if line.language else []
    if line.nested_id is not None and line.nested is not None:
        said.append(f"mapping {line.nested}")
    if line.kind == Kind.RELATION and line.on_missing != "error":
        said.append(f"if none: {line.get_on_missing_display()}")
    if line.kind == Kind.SCRIPT and line.script:
        said.append(f"{line.script_mode} script, {len(line.script.splitlines())} lines")
        count = len(line.script_examples)
        said.append(f"{count} examples pass" if count > 1 else "1 example passes" if count else "no examples")
    if line.default is not None:
        said.append("a default")
    if line.constant is not None:
        said.append("a constant")
    if line.table_id is not None:
        said.append(f"table {line.table}")
    said += [value for value in (line.pattern, line.time_zone) if value]
    if line.decimals is not None:
        said.append(f"{line.decimals} decimals")
    if line.write_when not in ("", WriteWhen.ALWAYS):
        said.append(line.get_write_when_display())
    if line.conflicts:
        said.append(f"changed on both sides: {line.get_conflicts_display()}")
    if line.trim or line.case:
        said.append("tidied")
    return said
