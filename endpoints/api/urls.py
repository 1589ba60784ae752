"""`/<endpoint>` and `/<endpoint>/{id}`; a slash at the end is accepted."""

from django.urls import path, re_path

from endpoints.api.views import ListView, NowhereView, RecordView

urlpatterns = [
    re_path(r"^(?P<endpoint>[a-z][a-z0-9_\-]*)/?$", ListView.as_view()),
    # An identifier may hold anything, slashes and line breaks too; a slash at its end is looked at in `records`.
    re_path(r"^(?P<endpoint>[a-z][a-z0-9_\-]*)/(?P<name>[\s\S]+)$", RecordView.as_view()),
    path("", NowhereView.as_view()),
    re_path(r"^[\s\S]*$", NowhereView.as_view()),
]
