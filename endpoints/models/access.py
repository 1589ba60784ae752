"""Access keys: a login and password, or a bearer token, that may use an endpoint."""

import secrets

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from endpoints.models.endpoint import Endpoint
from synchub.crypto import digests

_PURPOSE = "access-token"


def token_digests(token: str) -> list[str]:
    """The digests a stored token may have, newest encryption key first."""
    return digests(token, purpose=_PURPOSE)


def new_token() -> str:
    return f"hub_{secrets.token_urlsafe(32)}"


class AccessKey(models.Model):
    """Only digests are kept: neither token nor password can be read back."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="keys")
    name = models.CharField(max_length=63, help_text="Who uses it: shop, warehouse.")
    login = models.CharField(max_length=200, blank=True, help_text="For Basic; empty for a token.")
    password_hash = models.CharField(max_length=255, blank=True, editable=False)
    token_digest = models.CharField(max_length=64, blank=True, editable=False)
    secret_env = models.CharField(
        "secret from variable", max_length=100, blank=True, editable=False,
        help_text="The variable that a configuration file took the token or password from.",
    )  # fmt: skip
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["endpoint", "name"]
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
            models.CheckConstraint(
                condition=(Q(login="") & Q(password_hash="")) | (~Q(login="") & Q(token_digest="")),
                name="login_or_token",
                violation_error_message="An access key is either a login with a password, or a token.",
            ),
        ]
        verbose_name = "access key"

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if ":" in self.login:
            raise ValidationError({"login": "A login for Basic authentication has no colon."})

    def set_token(self, token: str) -> None:
        self.login = self.password_hash = ""
        self.token_digest = token_digests(token)[0]

    def set_password(self, login: str, password: str) -> None:
        self.token_digest = ""
        self.login, self.password_hash = login, make_password(password)
