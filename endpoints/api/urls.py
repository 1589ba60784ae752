"""`/<endpoint>` and `/<endpoint>/{id}`; a slash at the end is accepted."""

from django.urls import path, re_path

from endpoints.api.views import ListView, NowhereView, RecordView

urlpatterns = [
    re_path(r"^(?P<endpoint>[a-z][a-z0-9_\-]*)/?$", ListView.as_view()),
    re_path(r"^(?P<endpoint>[a-z][a-z0-9_\-]*)/(?P<name>.+?)/?$", RecordView.as_view()),
    path("", NowhereView.as_view()),
    re_path(r"^.*$", NowhereView.as_view()),
]
