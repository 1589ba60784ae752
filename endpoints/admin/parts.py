"""The inlines of an endpoint's page: parameters, actions and access keys."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminTextInputWidget

from endpoints.admin.key_words import key_badge, state_of
from endpoints.models import AccessKey, Action, Auth, Endpoint, Parameter
from endpoints.models.access import LONGEST_OVERLAP, new_token
from synchub.admin.forms import HubForm, HubInline
from synchub.admin.secret_input import SecretInput
from synchub.admin.words import badge, link


class ParameterForm(HubForm[Parameter]):
    class Meta:
        model = Parameter
        fields = ("key", "field", "operator")
        widgets = {
            "field": UnfoldAdminTextInputWidget(
                attrs={"list": "odoo-fields", "autocomplete": "off", "spellcheck": "false"}
            )
        }


class ParameterInline(HubInline[Parameter, Endpoint]):
    model = Parameter
    form = ParameterForm
    hide_title = True
    verbose_name_plural = "parameters: what lists can be filtered by"


class ActionForm(HubForm[Action]):
    class Meta:
        model = Action
        fields = ("name", "method", "parameters", "repeatable")
        widgets = {
            "parameters": UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"})
        }


class ActionInline(HubInline[Action, Endpoint]):
    model = Action
    form = ActionForm
    hide_title = True
    verbose_name_plural = "actions: methods of Odoo that consumers may call on a record"


class AccessKeyForm(HubForm[AccessKey]):
    """A token is made here and shown once (`made`); a password is typed and stored as a hash. Neither is shown again."""

    made = ""
    password = forms.CharField(
        label="New password",
        required=False,
        strip=False,
        widget=SecretInput(),
    )
    make_token = forms.BooleanField(label="New token", required=False)

    class Meta:
        model = AccessKey
        fields = ("name", "login", "enabled")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        login, password = cleaned.get("login"), cleaned.get("password")
        if password and not login:
            self.add_error("login", "A password needs a login. For a token, leave both empty.")
        elif login and not password and not self.instance.password_hash:
            self.add_error("password", "Enter the password of this login. For a token, leave both empty.")
        elif cleaned.get("make_token") and login:
            self.add_error(
                "make_token", "A key is either a login with a password, or a token: empty the login."
            )
        elif password:
            self.instance.set_password(str(login), password, overlap=self._overlap())
        elif not login and (cleaned.get("make_token") or not self.instance.token_digest):
            self.made = new_token()
            self.instance.set_token(self.made, overlap=self._overlap())
        return cleaned

    def _overlap(self) -> timedelta:
        """How long the previous secret keeps working."""
        days = self.cleaned_data.get("overlap_days", self.instance.overlap_days) or 0
        return timedelta(days=min(days, LONGEST_OVERLAP))  # more is refused when the key itself is validated


class AccessKeyInline(HubInline[AccessKey, Endpoint]):
    model = AccessKey
    form = AccessKeyForm
    hide_title = True
    fields = ("name", "kept", "login", "password", "make_token", "enabled", "more")
    readonly_fields = ("kept", "more")
    template_before = "endpoints/admin/about_keys.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessKey]:
        return super().get_queryset(request).prefetch_related("grants")

    @admin.display(description="and more")
    def more(self, key: AccessKey) -> str:
        if not key.pk:
            return "–"
        page = link(reverse("admin:endpoints_accesskey_change", args=[key.pk]), "limits, expiry, rotation")
        return format_html("{} {}", key_badge(key) if state_of(key) != "good" else "", page)

    @admin.display(description="is")
    def kept(self, key: AccessKey) -> str:
        if not key.pk:
            return "–"
        what = "password" if key.login else "token"
        if not (key.password_hash or key.token_digest):
            return badge("nothing set", "danger")
        if key.endpoint is None:
            return "–"
        wanted = {Auth.BASIC: "password", Auth.BEARER: "token"}.get(Auth(key.endpoint.auth))
        if wanted != what:
            return badge(
                f"{what}, not asked for", "warning", "The endpoint's authentication asks for something else."
            )
        source = f"from variable {key.secret_env}" if key.secret_env else "kept as a digest only"
        return badge(what, "success", source)
