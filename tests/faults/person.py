"""Somebody who looks at admin's first page."""

import re
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from tests.faults.stack import Stack

_LOGIN, _PASSWORD = "boss", "a-password-for-the-boss"


def first_page(stack: Stack) -> str:
    """The text of it, tags left out."""
    if not stack.sql("SELECT 1 FROM auth_user WHERE username = %s", _LOGIN):
        stack.env["DJANGO_SUPERUSER_PASSWORD"] = _PASSWORD
        stack.manage("createsuperuser", "--noinput", "--username", _LOGIN, "--email", "boss@example.com")
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    login = f"{stack.api.base}/admin/login/?next=/admin/"
    with browser.open(login) as page:
        [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())[:1]
    form = {"username": _LOGIN, "password": _PASSWORD, "csrfmiddlewaretoken": token, "next": "/admin/"}
    with browser.open(login, urllib.parse.urlencode(form).encode()) as page:
        return " ".join(re.sub(r"<[^>]+>", " ", page.read().decode()).split())
