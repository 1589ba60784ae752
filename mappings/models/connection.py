"""One Odoo database: how to reach it, and its state."""

import os
import secrets
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from mappings import names
from synchub.crypto import OWN_VARIABLES, EncryptedTextField, digests
from synchub.odoo import OdooAccess


def webhook_digests(token: str) -> list[str]:
    return digests(token, purpose="odoo-webhook")


class Connection(models.Model):
    """One Odoo database."""

    name = models.CharField(max_length=63, unique=True, help_text=names.NAME_HELP)
    url = models.CharField("address", max_length=500, help_text="https://mycompany.odoo.com")
    url_env = models.CharField(
        "address from variable",
        max_length=100,
        blank=True,
        help_text="Name of an environment variable that holds the address; it wins over the address above.",
    )
    database = models.CharField(
        max_length=100, help_text="On Odoo Online this is the first part of the address."
    )
    login = models.CharField(max_length=200, help_text="The login of a user of its own for the hub is best.")
    secret = EncryptedTextField(
        "API key or password", blank=True, help_text="In Odoo: Preferences → Account Security → New API Key."
    )
    secret_env = models.CharField(
        "secret from variable",
        max_length=100,
        blank=True,
        help_text="Name of an environment variable that holds the secret; it wins over the one above.",
    )
    company_id = models.PositiveIntegerField(
        "company",
        null=True,
        blank=True,
        help_text="Odoo's id of the company to work in; empty: the user's own.",
    )
    language = models.CharField(
        max_length=16, blank=True, help_text="fr_FR; empty: en_US, Odoo's own. A line may name another one."
    )
    time_zone = models.CharField(
        max_length=64, blank=True, help_text="Europe/Brussels; empty: the Odoo user's own."
    )
    concurrency = models.PositiveSmallIntegerField(
        "calls at once", default=4, validators=[MinValueValidator(1), MaxValueValidator(64)]
    )
    rate_per_second = models.FloatField(
        "calls per second",
        null=True,
        blank=True,
        validators=[MinValueValidator(0.01)],
        help_text="Empty: no limit.",
    )
    read_timeout = models.FloatField(
        "seconds to wait for an answer",
        default=130.0,
        validators=[MinValueValidator(1), MaxValueValidator(3600)],
    )
    webhook_digest = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="of the token in the address that Odoo's webhook calls",
    )
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    paused_by = models.CharField(
        max_length=150, blank=True, editable=False, help_text="empty: the hub itself, after a refused login"
    )
    paused_reason = models.TextField(blank=True, editable=False)
    last_ok_at = models.DateTimeField("last answer", null=True, blank=True, editable=False)
    last_error = models.TextField(blank=True, editable=False)
    last_error_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=names.NAME),
                name="connection_name_valid",
                violation_error_message=names.NAME_HELP,
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def effective_url(self) -> str:
        return from_variable(self.url_env) or self.url

    @property
    def effective_secret(self) -> str:
        return from_variable(self.secret_env) or self.secret

    def new_webhook(self) -> str:
        """A new token for Odoo's webhook, shown once. The previous one stops working."""
        token = secrets.token_urlsafe(24)
        self.webhook_digest = webhook_digests(token)[0]
        self.save(update_fields=["webhook_digest"])
        return token

    def pause(self, who: str, reason: str = "") -> None:
        """Pauses it: no calls until somebody resumes it."""
        self._set_paused(timezone.now(), who, reason)

    def resume(self) -> None:
        self._set_paused(None, "", "")

    @property
    def is_refused(self) -> bool:
        """The hub has paused it after a refused login, and tries again once the access is changed. Only a person ends a person's
        pause."""
        return self.paused_at is not None and not self.paused_by

    def _set_paused(self, at: datetime | None, who: str, reason: str) -> None:
        self.paused_at, self.paused_by, self.paused_reason = at, who, reason
        self.save(update_fields=["paused_at", "paused_by", "paused_reason"])

    def access(self) -> OdooAccess:
        return OdooAccess(
            url=self.effective_url,
            database=self.database,
            login=self.login,
            secret=self.effective_secret,
            company_ids=(self.company_id,) if self.company_id else (),
            language=self.language or None,
            time_zone=self.time_zone or None,
            read_timeout=self.read_timeout,
        )

    def clean(self) -> None:
        errors: dict[str, str] = {}
        if not names.matches(names.NAME, self.name):
            errors["name"] = f"A name has {names.NAME_HELP}."
        problem = url_problem(self.effective_url)
        if problem:
            errors["url"] = problem
        if not self.secret and not self.secret_env:
            errors["secret"] = "Enter the API key or the password of this login."  # noqa: S105  # a message
        for field in ("url_env", "secret_env"):
            if (name := getattr(self, field)) in OWN_VARIABLES:
                errors[field] = (
                    f"{name} is the hub's own and is sent to nobody. Take another variable, as a superuser."
                )
        if self.time_zone and self.time_zone not in available_timezones():
            errors["time_zone"] = f"“{self.time_zone}” is no time zone; write one like Europe/Brussels."
        if errors:
            raise ValidationError(errors)


def from_variable(name: str) -> str:
    """The variable's value; nothing for the hub's own variables, even if a connection has one from before these were refused."""
    return os.environ.get(name, "") if name and name not in OWN_VARIABLES else ""


def url_problem(url: str) -> str | None:
    """Why this cannot be the URL of an Odoo server, or None."""
    try:
        parts = urlsplit(url)
        port_ok = parts.port is None or parts.port > 0
    except ValueError as error:
        return f"This is not an address: {error}."
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_ok:
        return "Write the address as https://mycompany.odoo.com or http://127.0.0.1:8069."
    if parts.username or parts.password:
        return "Leave login and password out of the address; they have fields of their own."
    if parts.query or parts.fragment:
        return "Leave out everything behind ? or #."
    return None
