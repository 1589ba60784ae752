"""The form of a connection."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from mappings.admin import notices, secret_goes
from mappings.models import Connection
from synchub.admin.forms import HubForm
from synchub.admin.secret_input import SecretInput
from synchub.errors import ConfigurationError


class ConnectionForm(HubForm[Connection]):
    """The secret goes in and never comes out: the field is always empty, and leaving it empty keeps what is stored."""

    runs_the_hub = False
    """Whether a superuser fills it in."""
    secret = forms.CharField(
        label="API key or password",
        required=False,
        widget=SecretInput(),
    )

    class Meta:
        model = Connection
        exclude = ("secret",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        help_text = "In Odoo: Preferences → Account Security → New API Key."
        if getattr(self.instance, "has_secret", False):
            help_text = f"One is stored. Leave empty to keep it. {help_text}"
        if "secret" in self.fields:
            self.fields["secret"].help_text = help_text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.instance.pk:
            wrong = secret_goes.problems(
                self.instance,
                cleaned,
                has_secret=getattr(self.instance, "has_secret", True),
                runs_the_hub=self.runs_the_hub,
            )
            for name, said in wrong:
                self.add_error(name, said)
        if cleaned.get("secret"):
            self.instance.secret = cleaned["secret"]
        elif self.instance.pk:
            try:
                _ = self.instance.secret
            except ConfigurationError as error:
                self.instance.secret = "?"  # noqa: S105  # never saved: the form has an error
                self.add_error("secret", str(error))
        if self.instance.pk and "database" in self.changed_data:
            for said in notices.in_the_way(connection_id=self.instance.pk):
                self.add_error("database", said)
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        """For those who have no inputs for variables, a problem of a variable is shown at the input that it stands for."""
        if field is None and hasattr(error, "error_dict"):
            places = {
                name: name if name in self.fields else name.removesuffix("_env") for name in error.error_dict
            }
            found: dict[str, list[Any]] = {}
            for name, errors in error.error_dict.items():
                found.setdefault(places[name], []).extend(errors)
            error = ValidationError(found)
        super().add_error(field, error)
