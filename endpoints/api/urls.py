"""`/<endpoint>` and `/<endpoint>/{id}`; a slash at the end is accepted. What has a dot is about them: see `docs`."""

from django.urls import path, re_path

from endpoints.api.docs import IndexView, OpenapiView
from endpoints.api.views import ListView, NowhereView, RecordView

_NAME = r"(?P<endpoint>[a-z][a-z0-9_\-]*)"

urlpatterns = [
    path("", IndexView.as_view()),
    path("openapi.json", OpenapiView.as_view()),
    re_path(rf"^{_NAME}\.openapi\.json$", OpenapiView.as_view()),
    re_path(rf"^{_NAME}/?$", ListView.as_view()),
    # An identifier may hold anything, slashes and line breaks too; a slash at its end is looked at in `records`.
    re_path(rf"^{_NAME}/(?P<name>[\s\S]+)$", RecordView.as_view()),
    re_path(r"^[\s\S]*$", NowhereView.as_view()),
]
