"""`/<endpoint>` and `/<endpoint>/{id}`; a slash at the end is accepted. What has a dot is about them: see `docs`."""

import re

from django.urls import path, re_path

from endpoints.api.docs import HttpFileView, IndexView, OpenapiView, PageView, PostmanView
from endpoints.api.views import ActionView, ListView, NowhereView, RecordView
from endpoints.docs import FILES

_NAME = r"(?P<endpoint>[a-z][a-z0-9_\-]*)"

urlpatterns = [
    re_path(rf"^{_NAME}/?$", ListView.as_view()),
    # An identifier may hold anything, slashes and line breaks too; a slash at its end is looked at in `records`.
    re_path(rf"^{_NAME}/(?P<name>[\s\S]+/actions/[a-z][a-z0-9_\-]*/?)$", ActionView.as_view()),
    re_path(rf"^{_NAME}/(?P<name>[\s\S]+)$", RecordView.as_view()),
    path("", IndexView.as_view()),
    *(
        re_path(rf"^({_NAME}\.)?{re.escape(FILES[kind])}$", view.as_view(), name=f"api-{kind}")
        for kind, view in (
            ("docs", PageView),
            ("openapi", OpenapiView),
            ("postman", PostmanView),
            ("http", HttpFileView),
        )
    ),
    re_path(r"^[\s\S]*$", NowhereView.as_view()),
]
