"""Asking back before something is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.sites import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse

Hidden = Sequence[tuple[str, str]]
"""Hidden inputs, as (name, value)."""


@dataclass(frozen=True)
class Confirmation:
    """A page with a text and two ways out. “Yes” posts `hidden`, `confirmed` and `reason` to the page's own address."""

    title: str
    text: str
    about: str
    """The record or records in question."""
    cancel_url: str
    hidden: Hidden = ()
    reason: str = ""
    """The label of an input for a reason; empty: none is asked for."""
    detail: str = ""
    """HTML below the text."""


def ticked(request: HttpRequest, action: str) -> Hidden:
    """What a list has posted with this action, to be posted once more.

    “All that match” is posted as just that: a form cannot hold thousands of ids.
    """
    chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
    across = request.POST.get("select_across", "0")
    return [("action", action), ("select_across", across), *((ACTION_CHECKBOX_NAME, one) for one in chosen)]


def page(request: HttpRequest, site: AdminSite, opts: Any, confirmation: Confirmation) -> TemplateResponse:
    """`opts`: the model's, for the page's place in admin."""
    context = {**site.each_context(request), **vars(confirmation), "opts": opts}
    return TemplateResponse(request, "synchub/admin/confirm.html", context)
