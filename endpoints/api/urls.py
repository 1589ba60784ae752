"""`/<endpoint>` and `/<endpoint>/{id}`; a slash at the end is accepted. What has a dot is about them: see `docs`.

Whole addresses, the API's base included: `synchub.urls` has them in its own list.
"""

import re

from django.conf import settings
from django.urls import path, re_path

from endpoints.api.docs import HttpFileView, IndexView, OpenapiView, PageView, PostmanView
from endpoints.api.views import ActionView, ListView, NowhereView, RecordView
from endpoints.docs import FILES

_BASE = re.escape(settings.API_BASE_PATH)
_NAME = r"(?P<endpoint>[a-z][a-z0-9_\-]*)"

urlpatterns = [
    re_path(rf"^{_BASE}/{_NAME}/?$", ListView.as_view()),
    # An identifier may hold anything, slashes and line breaks too; a slash at its end is looked at in `records`.
    re_path(rf"^{_BASE}/{_NAME}/(?P<name>[\s\S]+/actions/[a-z][a-z0-9_\-]*/?)$", ActionView.as_view()),
    re_path(rf"^{_BASE}/{_NAME}/(?P<name>[\s\S]+)$", RecordView.as_view()),
    path(f"{settings.API_BASE_PATH}/", IndexView.as_view()),
    *(
        re_path(rf"^{_BASE}/({_NAME}\.)?{re.escape(FILES[kind])}$", view.as_view(), name=f"api-{kind}")
        for kind, view in (
            ("docs", PageView),
            ("openapi", OpenapiView),
            ("postman", PostmanView),
            ("http", HttpFileView),
        )
    ),
    re_path(rf"^{_BASE}/[\s\S]*$", NowhereView.as_view()),
]
