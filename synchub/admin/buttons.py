"""Buttons and links above a record's page."""

from dataclasses import dataclass
from typing import Any


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
    """Permissions without which what it leads to is refused: it is not shown then."""


def shown(button: Button, url: str) -> dict[str, Any]:
    return {"label": button.label, "icon": button.icon, "url": url}
