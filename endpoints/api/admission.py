"""At the door of an endpoint: who asks, and whether not too often. Refusals count as well, or tokens could be guessed.

Address and access key are counted in one go. Only where a password's slow hash has to be made, the address comes first:
it must not be possible to keep the hub busy with hashes.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from math import ceil

from django.http import HttpRequest, HttpResponse

from endpoints import access, limiter, rates, registry, usage
from endpoints.access import Access
from endpoints.api import auth
from endpoints.api.errors import ApiError
from endpoints.limiter import Limit, Standing
from endpoints.models import Auth
from endpoints.registry import EndpointSpec, KeySpec
from synchub.addresses import client_address, household, is_within

logger = logging.getLogger(__name__)

EXPIRES = "X-Access-Key-Expires"
_BY_ADDRESS, _BY_KEY = "address", "key"
_GUESSES = "100/minute"


class Entry:
    """One request at the door. `fields` are the headers that its answer has, whatever it is."""

    def __init__(self, request: HttpRequest, endpoint: EndpointSpec) -> None:
        self.request, self.endpoint = request, endpoint
        self.address = client_address(request)
        self.key: KeySpec | None = None
        self.access: Access = access.of(endpoint, None)
        self.fields: dict[str, str] = {}
        self._counted: set[str] = set()
        self._standings: Sequence[Standing] = ()

    def come_in(self) -> None:
        """Raises ApiError 401 or 429; UnknownEndpoint where it was switched off a moment ago."""
        while True:
            endpoint = self.endpoint
            self.key = _good_here(
                auth.identify(self.request, endpoint, before_hashing=lambda: self._count(None)), self.address
            )
            self._count(self.key)
            # Where something was changed, perhaps this very key taken away, what holds now decides.
            if self.endpoint is endpoint:
                break
        if self.key is None and self.endpoint.auth != Auth.NONE:
            raise auth.refusal(self.endpoint)
        self.access = access.of(self.endpoint, self.key)
        if self.key is not None:
            usage.note(self.key.id, self.address)
            self.fields |= _ending(self.key)

    def _count(self, key: KeySpec | None) -> None:
        limits = self._limits(key)
        if not limits:
            return
        self._counted |= {limit.policy for limit in limits}
        verdict = limiter.count(limits)
        used_up = [] if verdict.admitted else [one for one in verdict.standings if not one.left]
        self._standings = [*self._standings, *verdict.standings]
        if any(one.limit.policy == _BY_ADDRESS for one in used_up):
            # An address that may not ask is told nothing of a key: it may have been guessed.
            used_up, self._standings = (
                [one for one in some if one.limit.policy == _BY_ADDRESS]
                for some in (used_up, self._standings)
            )
        self.fields = _fields(self._standings)
        if not verdict.admitted:
            if key is not None and all(one.limit.policy == _BY_KEY for one in used_up):
                self.fields |= _ending(key)
            raise _too_many(used_up)
        if verdict.stamp is not None:
            registry.catch_up(verdict.stamp)
            self.endpoint = registry.get(self.endpoint.name)

    def _limits(self, key: KeySpec | None) -> list[Limit]:
        """What this request has not been counted against yet."""
        place, limits = self.endpoint, []
        if place.rate_per_address and _BY_ADDRESS not in self._counted:
            whose = f"{place.id}:address:{household(self.address)}"
            limits.append(Limit(_BY_ADDRESS, whose, place.rate_per_address))
        if key is not None and _BY_KEY not in self._counted:
            if key.rate:
                limits.append(Limit(_BY_KEY, f"key:{key.id}", key.rate))
            elif place.rate_per_key and not key.has_own_rate:
                limits.append(Limit(_BY_KEY, f"{place.id}:key:{key.id}", place.rate_per_key))
        return limits


def key_of(request: HttpRequest, endpoint: EndpointSpec) -> KeySpec | None:
    """The endpoint's access key that this request has. Count the guess first."""
    return _good_here(auth.identify(request, endpoint, before_hashing=lambda: None), client_address(request))


def _good_here(key: KeySpec | None, address: str) -> KeySpec | None:
    """The key, unless it has expired or may not be used from there: whoever asks is not told which of these."""
    if key is None:
        return None
    if key.expires_at is not None and key.expires_at <= datetime.now(UTC):
        logger.info("Access key “%s” is refused: it expired on %s", key.name, key.expires_at)
        return None
    if key.networks and not is_within(address, key.networks):
        logger.info("Access key “%s” is refused: it may not be used from %s", key.name, address)
        return None
    return key


def count_guess(request: HttpRequest) -> None:
    """A request that shows its access key where no endpoint counts it. Raises ApiError 429."""
    whose = f"guess:{household(client_address(request))}"
    verdict = limiter.count([Limit(_BY_ADDRESS, whose, rates.parse(_GUESSES))])
    if not verdict.admitted:
        raise _too_many(verdict.standings)


def mark(entry: Entry | None, response: HttpResponse) -> None:
    """Put the entry's headers on the answer."""
    if entry is not None:
        for name, value in entry.fields.items():
            response[name] = value


def _ending(key: KeySpec) -> dict[str, str]:
    if key.expires_at is None:
        return {}
    return {EXPIRES: f"{key.expires_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}


def _seconds(standing: Standing) -> int:
    return ceil(standing.wait / 1000)


def _fields(standings: Sequence[Standing]) -> dict[str, str]:
    """As draft-ietf-httpapi-ratelimit-headers-10 has them: lists of structured fields (RFC 9651)."""
    return {
        "RateLimit-Policy": ", ".join(
            f'"{one.limit.policy}";q={one.limit.rate.amount};w={one.limit.rate.get_expiry()}'
            for one in standings
        ),
        "RateLimit": ", ".join(f'"{one.limit.policy}";r={one.left};t={_seconds(one)}' for one in standings),
    }


def _too_many(used_up: Sequence[Standing]) -> ApiError:
    longest = max(used_up, key=lambda one: one.wait)
    rate, seconds = longest.limit.rate, max(1, _seconds(longest))
    whose = "one address" if longest.limit.policy == _BY_ADDRESS else "one access key"
    text = (
        f"Too many requests: {rate.amount:,} in {rate.get_expiry():,} seconds are allowed from {whose}. "
        f"Try again in {seconds:,} s."
    )
    return ApiError(429, text, {"Retry-After": str(seconds)})
