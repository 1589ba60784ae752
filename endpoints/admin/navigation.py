"""The sidebar: only what this person may see, and how many changes Odoo refused."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from endpoints.admin.there import there
from endpoints.docs import FILES
from endpoints.models import Change, ChangeState, Conflict, Difference

_MANY = 99

# Title, icon and model of each entry.
_GROUPS = (
    (
        "Setup",
        (
            ("Connections", "power", "mappings.connection"),
            ("Mappings", "alt_route", "mappings.mapping"),
            ("Tables", "translate", "mappings.lookuptable"),
            ("Endpoints", "api", "endpoints.endpoint"),
            ("Access keys", "key", "endpoints.accesskey"),
            ("Odoo's models", "schema", "mappings.odoomodel"),
        ),
    ),
    (
        "Data",
        (
            ("Records", "description", "endpoints.record"),
            ("Changes", "outbox", "endpoints.change"),
            ("Conflicts", "call_split", "endpoints.conflict"),
            ("Differences", "difference", "endpoints.difference"),
        ),
    ),
    (
        "Operation",
        (
            ("Runs", "directions_run", "endpoints.run"),
            ("Exchanges", "swap_horiz", "audit.exchange"),
            ("Timetable", "schedule", "django_celery_beat.periodictask"),
        ),
    ),
    ("Access", (("Users", "person", "auth.user"), ("Groups", "group", "auth.group"))),
)


def groups(request: HttpRequest) -> list[dict[str, Any]]:
    home = {"title": "How it goes", "icon": "monitor_heart", "link": reverse("admin:index")}
    shown = [{"items": [home, *_reference(request)]}]
    for title, items in _GROUPS:
        allowed = [_item(*item) for item in items if _may_see(request, item[2])]
        if allowed:
            shown.append({"title": title, "separator": True, "items": allowed})  # type: ignore[dict-item]
    return shown


def _reference(request: HttpRequest) -> list[dict[str, Any]]:
    """The API as developers see it."""
    if not _may_see(request, "endpoints.endpoint"):
        return []
    address = f"/{settings.API_BASE_PATH}/{FILES['docs']}"
    return [{"title": "API reference", "icon": "menu_book", "link": address}]


def _item(title: str, icon: str, model: str) -> dict[str, Any]:
    item: dict[str, Any] = {
        "title": title,
        "icon": icon,
        "link": reverse(f"admin:{model.replace('.', '_')}_changelist"),
    }
    counted = {
        "endpoints.change": refused,
        "endpoints.conflict": undecided,
        "endpoints.difference": unhealed,
    }.get(model)
    if counted is not None and (count := counted()):
        item["badge"] = f"{_MANY}+" if count > _MANY else str(count)
        item["badge_variant"] = "danger"
    return item


def refused() -> int:
    """Counted only as far as the badge shows, on an index of just these rows."""
    return there(Change.objects.filter(state=ChangeState.FAILED)).order_by()[: _MANY + 1].count()


def undecided() -> int:
    return there(Conflict.objects.filter(decided_at=None)).order_by()[: _MANY + 1].count()


def unhealed() -> int:
    """Differences that were not healed yet."""
    return there(Difference.objects.filter(chosen_at=None)).order_by()[: _MANY + 1].count()


def _may_see(request: HttpRequest, model: str) -> bool:
    app, name = model.split(".")
    return request.user.has_perm(f"{app}.view_{name}") or request.user.has_perm(f"{app}.change_{name}")
