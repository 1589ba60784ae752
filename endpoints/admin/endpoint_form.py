"""The form of an endpoint."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from endpoints.admin import moved
from endpoints.admin.domain_input import DomainInput
from endpoints.models import Endpoint, Method
from mappings.models import Mapping
from synchub.admin.forms import HubForm


class LinesField(forms.CharField):
    """A list of texts, one per line."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 2, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class EndpointForm(HubForm[Endpoint]):
    methods = forms.MultipleChoiceField(
        choices=Method.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        initial=list(Method.values),
        required=False,
    )

    match_on = LinesField(
        label="First matched with Odoo by",
        required=False,
        help_text="Keys, one line for each way to find a record: email, or name + zip. Before anything is pushed, new records are "
        "looked for in Odoo so, and a person approves what was found. Empty: only the identifier is looked for.",
    )

    class Meta:
        model = Endpoint
        fields = (
            "name", "mapping", "enabled", "mode", "methods", "auth", "domain", "limit", "pull_every", "pull_cron",
            "rate_per_address", "rate_per_key", "on_delete", "conflicts", "match_on", "chatter", "paused",
            "require_if_match", "put_creates", "post_updates",
        )  # fmt: skip
        widgets = {"domain": DomainInput}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.is_moved() and (said := moved.in_the_way(self.instance.name)):
            self.add_error("mapping", said)
        return cleaned

    def is_moved(self) -> bool:
        """Whether its records come from another database or model from now on."""
        if not self.instance.pk or "mapping" not in self.changed_data or "mapping" not in self.cleaned_data:
            return False
        before, now = Mapping.objects.get(pk=self.initial["mapping"]), self.cleaned_data["mapping"]
        return (before.connection_id, before.model) != (now.connection_id, now.model)

    def clean_match_on(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["match_on"].splitlines() if line.strip()]

    def clean_domain(self) -> str:
        return str(self.cleaned_data["domain"]).strip() or "[]"
