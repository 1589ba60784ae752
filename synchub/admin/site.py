"""What unfold asks for by name in the settings."""

from django.http import HttpRequest
from django.templatetags.static import static


def stylesheet(_request: HttpRequest) -> str:
    return static("synchub/admin.css")


def once(_request: HttpRequest) -> str:
    return static("synchub/once.js")


def keyboard(_request: HttpRequest) -> str:
    return static("synchub/keyboard.js")
