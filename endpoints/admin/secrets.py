"""Telling a new token, once: it goes from memory into the next page and is kept nowhere."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html

from endpoints.models import AccessKey


def tell(request: HttpRequest, formset: Any) -> None:
    """Show the tokens that saving this formset has made."""
    if formset.model is not AccessKey:
        return
    saved = {key.pk for key in (*formset.new_objects, *(key for key, _ in formset.changed_objects))}
    for form in formset.forms:
        made = getattr(form, "made", "")
        if made and form.instance.pk in saved:
            messages.success(request, _message(form.instance, made))


def _message(key: AccessKey, token: str) -> str:
    return format_html(
        "Token of “{0}”. Copy it now: it is shown this once only, and cannot be read back."
        '<span class="hub-secret"><input readonly value="{1}" aria-label="Token of {0}" onfocus="this.select()">'
        '<button type="button" onclick="navigator.clipboard ? navigator.clipboard.writeText(this.previousElementSibling.value)'
        ".then(() => this.textContent = 'Copied') : this.previousElementSibling.select()\">Copy</button></span>",
        key.name,
        token,
    )
