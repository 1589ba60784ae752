"""Access keys: a login and password, or a bearer token."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from endpoints import rates
from endpoints.models.endpoint import Endpoint
from synchub.addresses import networks_of
from synchub.crypto import digests

_PURPOSE = "access-token"
EXPIRES_SOON = timedelta(days=14)
LONGEST_OVERLAP = 366  # days


def token_digests(token: str) -> list[str]:
    """The digests a stored token may have, newest encryption key first."""
    return digests(token, purpose=_PURPOSE)


def new_token() -> str:
    return f"hub_{secrets.token_urlsafe(32)}"


class AccessKey(models.Model):
    """Only digests are kept: neither token nor password can be read back.

    One with an `endpoint` is that endpoint's own. What a key opens is in its grants; without one it opens nothing.
    """

    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.CASCADE, related_name="keys", null=True, blank=True, editable=False
    )
    opens = models.ManyToManyField(Endpoint, through="AccessGrant", related_name="opened_by")
    name = models.CharField(max_length=63, help_text="Who uses it: shop, warehouse.")
    login = models.CharField(max_length=200, blank=True, help_text="For Basic; empty for a token.")
    password_hash = models.CharField(max_length=255, blank=True, editable=False)
    token_digest = models.CharField(max_length=64, blank=True, editable=False)
    secret_env = models.CharField(
        "secret from variable", max_length=100, blank=True, editable=False,
        help_text="The variable that a configuration file took the token or password from.",
    )  # fmt: skip
    old_secret = models.CharField(
        max_length=255, blank=True, editable=False,
        help_text="The digest or hash of the secret before this one, good until old_until.",
    )  # fmt: skip
    old_until = models.DateTimeField(null=True, blank=True, editable=False)
    overlap_days = models.PositiveSmallIntegerField(
        "days of overlap",
        default=0,
        validators=[MaxValueValidator(LONGEST_OVERLAP)],
        help_text="So long the old token or password keeps working when a new one is made.",
    )
    enabled = models.BooleanField(default=True)
    expires_at = models.DateTimeField(
        "expires", null=True, blank=True, help_text="From then on it opens nothing. Empty: never."
    )
    addresses = ArrayField(
        models.CharField(max_length=49),
        default=list,
        blank=True,
        help_text="Networks it may be used from, comma separated: 203.0.113.0/24, 2001:db8::/32. Empty: from anywhere.",
    )
    rate = models.CharField(
        "rate of its own",
        max_length=32,
        blank=True,
        help_text="5000/hour, over all endpoints together; none: no limit. Empty: each endpoint's limit for keys.",
    )
    last_used_at = models.DateTimeField("last used", null=True, blank=True, editable=False)
    last_used_from = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "endpoint"]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "name"],
                name="key_name_once",
                violation_error_message="This endpoint has an access key of that name.",
            ),
            models.UniqueConstraint(
                fields=["endpoint", "token_digest"],
                condition=~Q(token_digest=""),
                name="token_once",
                violation_error_message="This endpoint has an access key with the same token.",
            ),
            models.UniqueConstraint(
                fields=["endpoint", "login"],
                condition=~Q(login=""),
                name="login_once",
                violation_error_message="This endpoint has an access key with the same login.",
            ),
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(endpoint=None),
                name="shared_key_name_once",
                violation_error_message="There is an access key of that name.",
            ),
            models.UniqueConstraint(
                fields=["token_digest"],
                condition=Q(endpoint=None) & ~Q(token_digest=""),
                name="shared_token_once",
                violation_error_message="There is an access key with the same token.",
            ),
            models.UniqueConstraint(
                fields=["login"],
                condition=Q(endpoint=None) & ~Q(login=""),
                name="shared_login_once",
                violation_error_message="There is an access key with the same login.",
            ),
            models.CheckConstraint(
                condition=(Q(login="") & Q(password_hash="")) | (~Q(login="") & Q(token_digest="")),
                name="login_or_token",
                violation_error_message="An access key is either a login with a password, or a token.",
            ),
        ]
        verbose_name = "access key"

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs: Any) -> None:
        is_new = self._state.adding
        super().save(**kwargs)
        if is_new and self.endpoint_id:
            self.grants.get_or_create(endpoint_id=self.endpoint_id)

    def clean(self) -> None:
        errors: dict[str, str] = {}
        if ":" in self.login:
            errors["login"] = "A login for Basic authentication has no colon."
        try:
            networks_of(self.addresses or [])
        except ValueError as error:
            errors["addresses"] = f"A network looks like 203.0.113.0/24: {error}."
        if self.rate and self.rate != rates.NONE and (problem := rates.problem(self.rate)):
            errors["rate"] = problem
        if errors:
            raise ValidationError(errors)

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def expires_soon(self) -> bool:
        return self.expires_at is not None and not self.is_expired and self.expires_at <= soon()

    @property
    def has_old_secret(self) -> bool:
        return bool(self.old_secret) and self.old_until is not None and self.old_until > timezone.now()

    def set_token(self, token: str, *, overlap: timedelta = timedelta(0)) -> None:
        """The secret before, if it was a token too, keeps working for `overlap`."""
        self._set_old(self.token_digest, overlap)
        self.login = self.password_hash = ""
        self.token_digest = token_digests(token)[0]

    def set_password(self, login: str, password: str, *, overlap: timedelta = timedelta(0)) -> None:
        self._set_old(self.password_hash, overlap)
        self.token_digest = ""
        self.login, self.password_hash = login, make_password(password)

    def forget_old_secret(self) -> None:
        self.old_secret, self.old_until = "", None

    def _set_old(self, secret: str, overlap: timedelta) -> None:
        if secret and overlap > timedelta(0):
            self.old_secret, self.old_until = secret, timezone.now() + overlap
        else:
            self.forget_old_secret()


def soon() -> datetime:
    """What expires before this moment is worth a warning."""
    return timezone.now() + EXPIRES_SOON


def key_warnings() -> list[str]:
    """How many keys a person should look at: they have expired, or soon will."""
    now = timezone.now()
    keys = AccessKey.objects.filter(enabled=True)
    expired = keys.filter(expires_at__lte=now).count()
    ending = keys.filter(expires_at__gt=now, expires_at__lte=soon()).count()
    return [
        f"{count} access key{'' if count == 1 else 's'} {text}."
        for count, text in (
            (expired, "has expired" if expired == 1 else "have expired"),
            (ending, f"{'expires' if ending == 1 else 'expire'} within {EXPIRES_SOON.days} days"),
        )
        if count
    ]
