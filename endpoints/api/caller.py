"""Which endpoints a caller may see: those open to everybody, those of an access key, all for whoever is in admin."""

from collections.abc import Iterable

from django.http import HttpRequest

from endpoints import access
from endpoints.access import Access
from endpoints.api import admission
from endpoints.api.errors import ApiError
from endpoints.models import Auth
from endpoints.registry import EndpointSpec, KeySpec

SEES_ALL = "endpoints.view_endpoint"


def check(request: HttpRequest, endpoint: EndpointSpec) -> Access:
    """What the caller may do there. Raises ApiError 401 where that is nothing."""
    if is_in_admin(request):
        return access.of(endpoint, None)
    entry = admission.Entry(request, endpoint)
    entry.come_in()
    return entry.access


def seen(request: HttpRequest, endpoints: Iterable[EndpointSpec]) -> list[Access]:
    """What the caller may do at those of them that it may see. Raises ApiError 401 for an access key that is none."""
    endpoints = list(endpoints)
    if is_in_admin(request):
        return [access.of(one, None) for one in endpoints]
    if "HTTP_AUTHORIZATION" in request.META:
        admission.count_guess(request)
    found = []
    has_key = False
    for one in endpoints:
        key = _key(request, one)
        if key is not None or one.auth == Auth.NONE:
            found.append(access.of(one, key))
            has_key |= key is not None
    if "HTTP_AUTHORIZATION" in request.META and not has_key:
        raise ApiError(
            401,
            "This access key is good for no endpoint. Leave it out to see those that are open to everybody.",
            {"WWW-Authenticate": 'Bearer, Basic realm="hub", charset="UTF-8"'},
        )
    return found


def is_in_admin(request: HttpRequest) -> bool:
    if not request.COOKIES:  # saves a look into the database
        return False
    user = request.user
    return user.is_authenticated and user.is_staff and user.has_perm(SEES_ALL)


def _key(request: HttpRequest, endpoint: EndpointSpec) -> KeySpec | None:
    if "HTTP_AUTHORIZATION" not in request.META:
        return None
    return admission.key_of(request, endpoint)
