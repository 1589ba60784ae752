"""Admin, the API, and the address that a supervisor asks whether the hub is alive."""

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path

from endpoints.api import urls as api
from endpoints.api.docs import IndexView
from endpoints.api.errors import bad_request, forbidden, not_found, only_read, server_error
from endpoints.api.events import odoo_event
from synchub.health import healthz

handler400 = bad_request
handler403 = forbidden
handler404 = not_found
handler500 = server_error


def home(_request: HttpRequest) -> HttpResponse:
    return redirect("admin:index")


admin.autodiscover()

urlpatterns = [
    # First what is asked for most: each pattern before it takes a moment of each request, and so does a list within the list.
    *api.urlpatterns,
    path("", only_read(home)),
    path("healthz", only_read(healthz)),
    path("admin/", admin.site.urls),
    path("odoo_events/<str:token>", odoo_event),
    path(settings.API_BASE_PATH, IndexView.as_view()),
]
