"""Which endpoints a caller may see: those open to everybody, those of an access key, all for whoever is in admin."""

from collections.abc import Iterable

from django.http import HttpRequest

from endpoints.api import admission
from endpoints.api.errors import ApiError
from endpoints.models import Auth
from endpoints.registry import EndpointSpec

SEES_ALL = "endpoints.view_endpoint"


def check(request: HttpRequest, endpoint: EndpointSpec) -> None:
    """Raises ApiError 401 where the caller may not see this endpoint."""
    if not is_in_admin(request):
        admission.Entry(request, endpoint).come_in()


def seen(request: HttpRequest, endpoints: Iterable[EndpointSpec]) -> list[EndpointSpec]:
    """Those of them that the caller may see. Raises ApiError 401 for an access key that is none."""
    endpoints = list(endpoints)
    if is_in_admin(request):
        return endpoints
    if "HTTP_AUTHORIZATION" in request.META:
        admission.count_guess(request)
    found = [one for one in endpoints if one.auth == Auth.NONE or _may_use(request, one)]
    if "HTTP_AUTHORIZATION" in request.META and all(one.auth == Auth.NONE for one in found):
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


def _may_use(request: HttpRequest, endpoint: EndpointSpec) -> bool:
    if "HTTP_AUTHORIZATION" not in request.META:
        return False
    return admission.key_of(request, endpoint) is not None
