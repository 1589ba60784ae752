"""The progress of reading Odoo's models and fields, and the outcome of the last time."""

from typing import Any

from django.db.models import Min
from django.urls import reverse
from django.utils.html import format_html

from mappings.models import Connection
from synchub.admin.words import ago, badge, link, problem

_KIND = "schema"


def running(connection: Connection) -> Any:
    """The run in progress, if there is one."""
    return _runs(connection).filter(state="running").first()


def shown(connection: Connection) -> str:
    last = _runs(connection).first()
    read = connection.odoo_models.aggregate(oldest=Min("read_at"))["oldest"]
    kept = connection.odoo_models.count()
    told = (
        format_html("{} {}, read {}", kept, "model" if kept == 1 else "models", ago(read))
        if kept
        else "none read yet"
    )
    if last is None:
        return told
    url = reverse("admin:endpoints_run_change", args=[last.pk])
    if last.state == "running":
        return format_html(
            "{} {}", badge("being read", "info"), link(url, f"{last.seen} of {last.total} models so far")
        )
    said = problem(last.message) if last.state != "done" else last.message
    return format_html("{}. {} {}", told, said, link(url, "The last reading"))


def _runs(connection: Connection) -> Any:
    # Runs belong to the app of endpoints, which cannot be imported here; a connection has its own.
    return connection.runs.filter(kind=_KIND).order_by("-pk")  # type: ignore[attr-defined,unused-ignore]
