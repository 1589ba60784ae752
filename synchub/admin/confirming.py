"""Asking back before something is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.sites import AdminSite
from django.db.models import Max, Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

M = TypeVar("M", bound=Model)

Hidden = Sequence[tuple[str, str]]
"""Hidden inputs, as (name, value)."""
_NEWEST = "newest"


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


def ticked(request: HttpRequest, action: str, rows: QuerySet[Any]) -> Hidden:
    """What a list has posted with this action for `rows`, to be posted once more.

    “All that match” is posted as just that, with the newest row: a form cannot hold thousands of ids.
    """
    chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
    across = request.POST.get("select_across", "0")
    newest = rows.order_by().aggregate(newest=Max("pk"))["newest"]
    return [
        ("action", action),
        ("select_across", across),
        (_NEWEST, str(newest or 0)),
        *((ACTION_CHECKBOX_NAME, one) for one in chosen),
    ]


def asked_about(request: HttpRequest, rows: QuerySet[M]) -> QuerySet[M]:
    """Of what matches when “Yes” is pressed, without the rows that were added since the page was shown."""
    newest = request.POST.get(_NEWEST, "")
    return rows.filter(pk__lte=int(newest)) if newest.isascii() and newest.isdecimal() else rows


def page(request: HttpRequest, site: AdminSite, opts: Any, confirmation: Confirmation) -> TemplateResponse:
    """`opts`: the model's, for the page's place in admin."""
    context = {**site.each_context(request), **vars(confirmation), "opts": opts}
    return TemplateResponse(request, "synchub/admin/confirm.html", context)
