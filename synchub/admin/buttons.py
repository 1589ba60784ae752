"""Buttons and links above a record's page."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve


@dataclass(frozen=True)
class Button:
    """Calls the admin class's method `name` with request and record, by POST."""

    name: str
    label: str
    icon: str
    confirm: str = ""
    """Asked before it is done; empty: done at once."""
    reason: str = ""
    """What is asked besides, as the label of an input: `request.POST["reason"]`. It may stay empty."""


@dataclass(frozen=True)
class Link:
    label: str
    icon: str
    url: str
    needs: tuple[str, ...] = ()
    """Permissions without which what it leads to is refused: it is not shown then. To look at a record or a list needs no word."""


def may_follow(user: Any, link: Link) -> bool:
    """Whether this person is shown what it leads to."""
    if not user.has_perms(link.needs):
        return False
    try:
        name = resolve(urlsplit(link.url).path).url_name or ""
    except Resolver404:
        return True
    app, _, rest = name.partition("_")
    model, _, page = rest.rpartition("_")
    if page not in ("change", "changelist"):
        return True
    return any(user.has_perm(f"{app}.{may}_{model}") for may in ("view", "change"))


def shown(button: Button, url: str) -> dict[str, Any]:
    return {"label": button.label, "icon": button.icon, "url": url}
