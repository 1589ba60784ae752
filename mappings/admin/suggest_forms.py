"""The forms of “Suggest lines”: a sample, and the lines that are proposed."""

from collections.abc import Sequence
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from mappings import suggest
from mappings.admin.inputs import MappingSelect, kept, typed_json
from mappings.admin.suggestions import in_words
from mappings.models import Direction, Kind, Line, Mapping
from mappings.schema import Fields


class SampleForm(forms.Form):
    sample = forms.CharField(
        label="A record as the other system has it, as JSON",
        strip=False,
        widget=UnfoldAdminTextareaWidget(
            attrs={
                "rows": 10,
                "spellcheck": "false",
                "class": "hub-editor",
                "placeholder": '{"customer_id": "C-1", "name": "Deco", "address": {"city": "Ghent"}}',
            }
        ),
    )

    def clean_sample(self) -> dict[str, Any]:
        value = typed_json(self.cleaned_data["sample"])
        try:
            value = suggest.first_record(kept(value))
        except ValueError as error:
            raise forms.ValidationError(f"This is no sample: {error}.") from error
        if not isinstance(value, dict) or not value:
            raise forms.ValidationError("One record is expected: an object with keys and values, { … }.")
        return value


class ProposalForm(forms.Form):
    add = forms.BooleanField(required=False, widget=UnfoldBooleanWidget)
    key = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget(attrs={"spellcheck": "false"}))
    field = forms.CharField(
        label="Odoo field",
        max_length=128,
        widget=UnfoldAdminTextInputWidget(
            attrs={"list": "odoo-fields", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    nested = forms.ModelChoiceField(
        Mapping.objects.none(),
        label="its mapping",
        required=False,
        empty_label="plain value",
        widget=MappingSelect,
    )
    direction = forms.ChoiceField(choices=Direction.choices, widget=UnfoldAdminSelectWidget)
    identifier = forms.BooleanField(required=False, widget=UnfoldBooleanWidget)
    example = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    told = ""
    """The field in plain words."""

    def line(self, mapping: Mapping, position: int) -> Line:
        given = self.cleaned_data
        return Line(
            mapping=mapping,
            position=position,
            key=given["key"],
            field=given["field"],
            kind=Kind.RELATION if given["nested"] else Kind.PLAIN,
            nested=given["nested"],
            direction=given["direction"],
            identifier=given["identifier"],
        )


class _Proposals(forms.BaseFormSet):  # type: ignore[type-arg]  # generic only in the stubs
    def __init__(self, *args: Any, inner: Sequence[Mapping], fields: Fields, **kwargs: Any) -> None:
        self._inner, self._fields = inner, fields
        super().__init__(*args, **kwargs)

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["nested"].queryset = Mapping.objects.filter(pk__in=[one.pk for one in self._inner])
        name = str(form["field"].value() or "")
        form.told = in_words(name, self._fields[name]) if name in self._fields else ""


ProposalFormSet: Any = forms.formset_factory(ProposalForm, formset=_Proposals, extra=0, max_num=600)
