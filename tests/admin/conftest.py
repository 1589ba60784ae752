"""A hub with a little of everything, as rows only: no Odoo is asked unless a test says so."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from endpoints.models import AccessKey, Change, Endpoint, Parameter, PullState, Record, Run
from mappings.models import Connection, Line, Mapping, OdooModel
from synchub.audit.models import Exchange

SECRET = "the-secret-of-the-connection"
NOWHERE = "http://127.0.0.1:9"  # the discard port: refused at once

FIELDS: dict[str, dict[str, Any]] = {
    "id": {"type": "integer", "string": "ID", "readonly": True, "store": True},
    "ref": {"type": "char", "string": "Reference", "store": True},
    "name": {"type": "char", "string": "Name", "required": True, "store": True},
    "email": {"type": "char", "string": "Email", "store": True},
    "city": {"type": "char", "string": "City", "store": True},
    "active": {"type": "boolean", "string": "Active", "store": True},
    "is_company": {"type": "boolean", "string": "Is a company", "store": True},
    "country_id": {"type": "many2one", "string": "Country", "relation": "res.country", "store": True},
    "display_name": {"type": "char", "string": "Display name", "readonly": True, "store": False},
}


@pytest.fixture
def admin_page(db: None, client: Client) -> Client:
    """A browser in which a superuser is logged in."""
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Which endpoints a worker was woken for; no broker is needed to know."""
    woken: list[int] = []
    monkeypatch.setattr("endpoints.wakeup.push", woken.append)
    return woken


@dataclass
class Sample:
    connection: Connection
    mapping: Mapping
    endpoint: Endpoint
    record: Record

    def change(self, state: str = "failed", operation: str = "update", **more: Any) -> Change:
        claim = {"claim_token": uuid.uuid4(), "lease_until": timezone.now()} if state == "claimed" else {}
        values = {} if operation == "delete" else {"name": "Wrong"}
        facts = {"record": self.record, "values": values, **claim} | more
        return Change.objects.create(endpoint=self.endpoint, operation=operation, state=state, **facts)


@pytest.fixture
def sample(db: None) -> Sample:
    connection = Connection.objects.create(
        name="main", url=NOWHERE, database="odoo", login="admin", secret=SECRET
    )
    OdooModel.objects.create(connection=connection, model="res.partner", fields=FIELDS)
    mapping = Mapping.objects.create(name="partner", connection=connection, model="res.partner")
    for position, (key, field) in enumerate({"customer_id": "ref", "name": "name", "email": "email"}.items()):
        Line.objects.create(
            mapping=mapping, position=position, key=key, field=field, identifier=key == "customer_id"
        )
    endpoint = Endpoint.objects.create(name="partners", mapping=mapping)
    Parameter.objects.create(endpoint=endpoint, key="name_like", field="name", operator="ilike")
    access_key = AccessKey(endpoint=endpoint, name="shop")
    access_key.set_token("hub_kept")
    access_key.save()
    PullState.objects.create(
        endpoint=endpoint,
        cursor="2026-01-01 00:00:00",
        complete=True,
        walk_after_id=7,
        last_ok_at=timezone.now(),
    )
    record = Record.objects.create(
        endpoint=endpoint,
        external_id="C-1",
        odoo_id=41,
        document='{"customer_id": "C-1", "name": "Wrong", "email": null}',
        values={"ref": "C-1", "name": "Wrong", "email": None},
        base={"ref": "C-1", "name": "Right", "email": None},
    )
    return Sample(connection, mapping, endpoint, record)


@pytest.fixture
def full(sample: Sample) -> Sample:
    """With changes in every state, runs, exchanges and a second of most things."""
    line = sample.mapping.lines.get(key="email")
    for state in ("pending", "claimed", "applied", "discarded"):
        sample.change(state)
    sample.change("failed", error="Odoo wants an email address.", line_id=line.pk, request_id="r-1")
    Run.objects.create(endpoint=sample.endpoint, kind="backfill", total=200, seen=50)
    Run.objects.create(
        endpoint=sample.endpoint, kind="push", state="failed", message="It broke.", ended_at=timezone.now()
    )
    Exchange.objects.create(
        direction="in", method="POST", target="/bj_api_sync/v1/partners", status="400", failed=True,
        request_id="r-1", endpoint="partners", access_key="shop", request='{"name": "x"}', response="{}",
    )  # fmt: skip
    paused = {"paused_at": timezone.now(), "paused_reason": "The login is refused."}
    Connection.objects.create(name="old", url=NOWHERE, database="x", login="x", secret=SECRET, **paused)
    return sample


def said(response: Any) -> str:
    """The text of a page as a person reads it: no tags, single spaces."""
    text = response.content.decode()
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def form_of(response: Any) -> dict[str, Any]:
    """What a browser would post back from a change page: every field as it stands."""
    data: dict[str, Any] = {}
    context = response.context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is True:
                data[bound.html_name] = "on"
            elif value is not None and value is not False:
                data[bound.html_name] = value
    return data | ({context["seen_name"]: context["seen"]} if context.get("seen") else {})
