"""Somebody who looks at admin's first page."""

import re
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from synchub.torture.stack import LOGIN, PASSWORD
from tests.faults.stack import Stack


def first_page(stack: Stack) -> str:
    """The text of it, tags left out."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    login = f"{stack.api.base}/admin/login/?next=/admin/"
    with browser.open(login) as page:
        [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())[:1]
    form = {"username": LOGIN, "password": PASSWORD, "csrfmiddlewaretoken": token, "next": "/admin/"}
    with browser.open(login, urllib.parse.urlencode(form).encode()) as page:
        return " ".join(re.sub(r"<[^>]+>", " ", page.read().decode()).split())
