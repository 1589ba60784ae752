"""Telling a new token, once: it goes from memory into the next page and is kept nowhere."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from endpoints.models import AccessKey
from synchub.admin.once import shown_once


def tell(request: HttpRequest, formset: Any) -> None:
    """Show the tokens that saving this formset has made."""
    if formset.model is not AccessKey:
        return
    saved = {key.pk for key in (*formset.new_objects, *(key for key, _ in formset.changed_objects))}
    for form in formset.forms:
        made = getattr(form, "made", "")
        if made and form.instance.pk in saved:
            show(request, form.instance, made)


def show(request: HttpRequest, key: AccessKey, token: str) -> None:
    messages.success(request, shown_once(f"Token of “{key.name}”", token))
