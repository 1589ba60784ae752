"""Shows a new token once: it goes from memory into the next page, and is stored nowhere."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from endpoints.models import AccessKey, Auth
from synchub.admin.once import shown_once


def tell(request: HttpRequest, formset: Any) -> None:
    """Shows the tokens that were made when this formset was saved."""
    if formset.model is not AccessKey:
        return
    saved = {key.pk for key in (*formset.new_objects, *(key for key, _ in formset.changed_objects))}
    for form in formset.forms:
        made = getattr(form, "made", "")
        if made and form.instance.pk in saved:
            show(request, form.instance, made)
    for key in formset.new_objects:
        if told := _opens_nothing(key, Auth(formset.instance.auth)):
            messages.warning(request, told)


def _opens_nothing(key: AccessKey, auth: Auth) -> str:
    """A warning about a key of another kind than the endpoint asks for; empty if it fits. Whoever enters only a name under Basic
    has made a token."""
    if auth == Auth.BASIC and not key.login:
        return (
            f"The endpoint asks for a login and a password (Basic), and “{key.name}” is a token: it opens nothing. Give it a login "
            "and a password, or choose “token (Bearer)”."
        )
    if auth == Auth.BEARER and key.login:
        return (
            f"The endpoint asks for a token (Bearer), and “{key.name}” is a login with a password: it opens nothing. Empty its login, "
            "or choose “login and password (Basic)”."
        )
    return ""


def show(request: HttpRequest, key: AccessKey, token: str) -> None:
    messages.success(request, shown_once(f"Token of “{key.name}”", token))
