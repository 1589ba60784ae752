"""Logging in, limited: passwords cannot be guessed by the thousand, nor can their slow hashes keep the hub busy."""

from math import ceil
from typing import Any

from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm

from endpoints import limiter, rates
from endpoints.limiter import Limit
from synchub.addresses import client_address, household, unknown_proxy

TRIES = "30/minute"


class LoginForm(AuthenticationForm):  # type: ignore[misc]  # unfold has no types
    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("username") and self.cleaned_data.get("password"):
            self._count()
        cleaned: dict[str, Any] = super().clean()
        return cleaned

    def _count(self) -> None:
        """Counts by address only. Counting by name, anybody could lock out the owner of a name. Raises ValidationError."""
        whose = f"login:{household(client_address(self.request))}"
        verdict = limiter.count([Limit("address", whose, rates.parse(TRIES))])
        if not verdict.admitted:
            seconds = max(1, ceil(verdict.standings[0].wait / 1000))
            told = f"Too many logins were tried from your address. Try again in {seconds} s."
            if proxy := unknown_proxy(self.request):
                told += (
                    f" You come through {proxy}, and so may others: for the hub all of them have this one address, until "
                    "whoever runs it puts that into HUB_TRUSTED_PROXIES."
                )
            raise ValidationError(told, code="too_many")
