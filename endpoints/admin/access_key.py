"""Access keys: who may use which endpoints, how long, from where; and their secrets, which are shown once."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from endpoints.admin import secrets
from endpoints.admin.access_key_columns import AccessKeyColumns
from endpoints.admin.grants import GrantInline, Words
from endpoints.admin.parts import AccessKeyForm
from endpoints.models import AccessKey
from endpoints.models.access import new_token, soon
from synchub.admin.base import HubAdmin
from synchub.admin.buttons import Button
from synchub.admin.words import due

_OVERLAP = 7  # days, where the key has none of its own


class KeyForm(AccessKeyForm):
    make_token = None  # type: ignore[assignment]  # takes the input out: here a button makes tokens
    addresses = Words(
        label="May be used from",
        help_text="Networks, comma separated: 203.0.113.0/24, 2001:db8::/32. Empty: from anywhere.",
        max_length=49,
    )

    class Meta:
        model = AccessKey
        fields = ("name", "login", "enabled", "expires_at", "addresses", "rate", "overlap_days")
        help_texts = {
            "expires_at": f"From then on it opens nothing, on the clock of {settings.TIME_ZONE}. Empty: never."
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        others = AccessKey.objects.filter(endpoint=self.instance.endpoint_id).exclude(pk=self.instance.pk)
        for name in ("name", "login"):
            value = cleaned.get(name)
            if value and others.filter(**{name: value}).exists():
                self.add_error(name, f"Another access key has this {name}.")
        return cleaned


class HowItStands(admin.SimpleListFilter):
    title = "how it stands"
    parameter_name = "stands"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("soon", "expires soon"),
            ("expired", "expired"),
            ("off", "revoked"),
            ("unused", "never used"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AccessKey]) -> QuerySet[AccessKey]:
        now = timezone.now()
        wanted = {
            "soon": Q(enabled=True, expires_at__gt=now, expires_at__lte=soon()),
            "expired": Q(enabled=True, expires_at__lte=now),
            "off": Q(enabled=False),
            "unused": Q(last_used_at=None),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


@admin.register(AccessKey)
class AccessKeyAdmin(AccessKeyColumns, HubAdmin[AccessKey]):
    form = KeyForm
    inlines = (GrantInline,)
    list_display = ("name", "opens_what", "how", "state", "expires", "used")
    list_filter = (HowItStands, "grants__endpoint")
    search_fields = ("name", "login")
    kept_secret = frozenset({"password_hash", "token_digest", "old_secret"})
    readonly_fields = ("state", "how", "used", "old_secret_until", "belongs_to", "no_longer_fits")
    empty_text = "No access key yet. Give each consumer one of its own, so that one can be shut out without the others."
    buttons = (
        Button(
            "rotate",
            "New token, the old one works on",
            "autorenew",
            confirm="A new token is made and shown once. The old one keeps working for the days of overlap, or 7 where none "
            "are set, so that the consumer can change it without a break.",
        ),
        Button(
            "rotate_at_once",
            "New token, the old one stops",
            "lock_reset",
            confirm="A new token is made and shown once. The old one opens nothing from now on: the consumer is shut out until "
            "it has the new one.",
        ),
        Button(
            "stop_old",
            "Stop the old one now",
            "timer_off",
            confirm="The secret before the present one opens nothing from now on.",
        ),
        Button(
            "revoke", "Revoke", "block", confirm="The key opens nothing from now on. It can be allowed again."
        ),
        Button("allow", "Allow again", "check"),
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "login", "password"),
                    ("enabled", "expires_at"),
                    ("addresses", "rate"),
                    "overlap_days",
                )
            },
        ),
    )
    how_it_stands = (
        "How it stands",
        {"fields": (("state", "how"), ("used", "old_secret_until"), "belongs_to", "no_longer_fits")},
    )

    def get_fieldsets(self, request: HttpRequest, obj: AccessKey | None = None) -> Any:
        return (self.how_it_stands, *self.fieldsets) if obj else self.fieldsets

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessKey]:
        return super().get_queryset(request).select_related("endpoint").prefetch_related("grants__endpoint")

    def save_model(self, request: HttpRequest, obj: AccessKey, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.made:
            secrets.show(request, obj, form.made)

    def offers(self, button: Button, obj: AccessKey) -> bool:
        has_token = bool(obj.token_digest)
        return {
            "rotate": has_token and obj.enabled,
            "rotate_at_once": has_token,
            "stop_old": obj.has_old_secret,
            "revoke": obj.enabled,
            "allow": not obj.enabled,
        }.get(button.name, True)

    def detail(self, button: Button, obj: AccessKey) -> str:
        if button.name != "rotate" or not obj.has_old_secret or obj.old_until is None:
            return ""
        return format_html(
            "<p>Two of its secrets work at present. The older one, which would end {}, opens nothing from now on: a consumer that "
            "still uses it is shut out until it has the new one.</p>",
            due(obj.old_until),
        )

    def rotate(self, request: HttpRequest, obj: AccessKey) -> None:
        self._renew(request, obj, timedelta(days=obj.overlap_days or _OVERLAP))

    def rotate_at_once(self, request: HttpRequest, obj: AccessKey) -> None:
        self._renew(request, obj, timedelta(0))

    def stop_old(self, request: HttpRequest, obj: AccessKey) -> None:
        obj.forget_old_secret()
        obj.save()
        messages.success(request, f"The old secret of “{obj}” opens nothing any more.")

    def revoke(self, request: HttpRequest, obj: AccessKey) -> None:
        obj.enabled = False
        obj.save()
        messages.success(request, f"“{obj}” opens nothing any more.")

    def allow(self, request: HttpRequest, obj: AccessKey) -> None:
        obj.enabled = True
        obj.save()
        messages.success(request, f"“{obj}” opens again what it opened.")

    def _renew(self, request: HttpRequest, obj: AccessKey, overlap: timedelta) -> None:
        token = new_token()
        obj.set_token(token, overlap=overlap)
        obj.secret_env = ""
        obj.save()
        secrets.show(request, obj, token)
