"""The form of a mapping, without its lines."""

from collections.abc import Iterator
from typing import Any

from unfold.widgets import UnfoldAdminTextInputWidget

from mappings.admin import asking, notices, suggestions
from mappings.compile import field_problem
from mappings.models import Mapping
from mappings.schema import known_fields
from synchub.admin.forms import HubForm
from synchub.errors import OdooError


class MappingForm(HubForm[Mapping]):
    unread = ""
    """Why the model's fields are unknown; empty where they are known."""

    class Meta:
        model = Mapping
        fields = ("name", "connection", "model")
        widgets = {
            "model": UnfoldAdminTextInputWidget(
                attrs={"list": "odoo-models", "placeholder": "res.partner", "autocomplete": "off"}
            )
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        connection, model = cleaned.get("connection"), cleaned.get("model")
        if connection and model and {"connection", "model"} & {*self.changed_data, *self._unknown()}:
            try:
                self.unread = asking.read_fields(connection, model)
            except OdooError as error:
                self.add_error("model", suggestions.refused(connection, model, error))
        if self.is_moved():
            for said in notices.in_the_way(mapping_id=self.instance.pk):
                self.add_error(None, said)
        if self.instance.pk and model and "model" in self.changed_data:
            for said in self._lines_left_behind(model):
                self.add_error("model", said)
        return cleaned

    def is_moved(self) -> bool:
        """Whether its records come from elsewhere from now on."""
        return bool(self.instance.pk and {"connection", "model"} & set(self.changed_data))

    def _lines_left_behind(self, model: str) -> Iterator[str]:
        """Problems of other mappings' relations that use this one: they would silently show nothing from now on."""
        for line in self.instance.used_by.select_related("mapping__connection"):
            line.nested = Mapping(pk=self.instance.pk, name=self.instance.name, model=model)
            fields = known_fields(line.mapping)
            if fields and (problem := field_problem(line, line.mapping.model, fields)):
                yield f"Line “{line.key}” of mapping “{line.mapping}” uses it: {problem} Make another mapping of {model}."

    def _unknown(self) -> set[str]:
        return set() if self.instance.pk and known_fields(self.instance) else {"model"}
