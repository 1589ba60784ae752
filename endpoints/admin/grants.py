"""What an access key opens, on its page."""

from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.http import HttpRequest
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from endpoints.models import AccessGrant, AccessKey, Method
from synchub.admin.forms import HubForm, HubStacked


class Words(SimpleArrayField):
    """A comma separated list, with or without spaces."""

    def __init__(self, help_text: str = "", max_length: int = 200, **more: Any) -> None:
        super().__init__(
            forms.CharField(max_length=max_length),
            required=False,
            help_text=help_text,
            widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
            **more,
        )

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, (list, tuple)) else value

    def clean(self, value: Any) -> Any:
        return [one for one in super().clean(value) if one]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or []) != [one.strip() for one in (data or "").split(",") if one.strip()]


def _help(name: str) -> str:
    return str(getattr(AccessGrant._meta.get_field(name), "help_text", ""))


class GrantForm(HubForm[AccessGrant]):
    methods = forms.MultipleChoiceField(
        choices=Method.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
        help_text=_help("methods"),
    )
    read = Words(label="Sees", help_text=_help("read"))
    write = Words(label="May set", help_text=_help("write"))

    class Meta:
        model = AccessGrant
        fields = ("endpoint", "methods", "read", "write", "domain")
        labels = {"domain": "Which records"}
        widgets = {"domain": UnfoldAdminTextareaWidget(attrs={"rows": 2, "spellcheck": "false"})}

    def clean_domain(self) -> str:
        return str(self.cleaned_data["domain"]).strip() or "[]"


class GrantInline(HubStacked[AccessGrant, AccessKey]):
    model = AccessGrant
    form = GrantForm
    verbose_name_plural = "what it opens"
    fields = ("endpoint", "methods", ("read", "write"), "domain")

    def get_readonly_fields(self, request: HttpRequest, obj: AccessKey | None = None) -> Any:
        return ("endpoint",) if obj is not None and obj.endpoint_id else ()

    def get_extra(self, request: HttpRequest, obj: AccessKey | None = None, **kwargs: Any) -> int:
        return 1 if obj is None else 0

    def has_add_permission(self, request: HttpRequest, obj: AccessKey | None = None) -> bool:
        return not (obj is not None and obj.endpoint_id) and super().has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: AccessKey | None = None) -> bool:
        return not (obj is not None and obj.endpoint_id) and super().has_delete_permission(request, obj)
