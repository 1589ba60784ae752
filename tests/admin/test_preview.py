"""The preview beside a mapping's lines: real records of the practice Odoo, and what a JSON would do there."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from demo.odoo import PracticeOdoo
from endpoints.models import Change, Endpoint, Record
from mappings.models import Connection, Line, Mapping
from tests.admin.conftest import form_of
from tests.conftest import Hub

WRITING = ("create", "write", "load", "unlink")


@pytest.fixture
def orders(hub: Hub) -> Endpoint:
    endpoint: Endpoint = hub.orders()
    return endpoint


@pytest.fixture
def boss(hub: Hub, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


class Form:
    """A mapping's page with things typed into it, and what its preview answers."""

    def __init__(self, client: Client, page: str) -> None:
        answer = client.get(page)
        self._client = client
        self.url = answer.context["preview"]["url"]
        self.typed = form_of(answer)

    def row(self, key: str) -> str:
        return next(
            name.removesuffix("-key")
            for name, value in self.typed.items()
            if name.endswith("-key") and value == key
        )

    def asks(self, act: str, **more: Any) -> Any:
        data = self.typed | {"preview-do": act} | {f"preview-{name}": value for name, value in more.items()}
        return self._client.post(self.url, data).json()

    def tries(self, payload: Any, name: str = "") -> Any:
        text = payload if isinstance(payload, str) else json.dumps(payload)
        return self.asks("try", payload=text, name=name)


@pytest.fixture
def form(boss: Client, orders: Endpoint) -> Form:
    return Form(boss, reverse("admin:mappings_mapping_change", args=[orders.mapping_id]))


def newest(practice: PracticeOdoo) -> dict[str, Any]:
    [row] = practice.execute(
        "sale.order",
        "search_read",
        [],
        fields=["client_order_ref"],
        order="write_date desc, id desc",
        limit=1,
    )
    return row  # type: ignore[no-any-return]


def test_the_newest_record_in_odoo_and_as_json_and_at_each_line(form: Form, practice: PracticeOdoo):
    told = form.asks("show", id="")
    reference = newest(practice)["client_order_ref"]
    assert json.loads(told["raw"])["client_order_ref"] == reference
    assert json.loads(told["document"])["reference"] == reference
    assert told["values"][form.row("reference")] == json.dumps(reference)
    assert " → " in told["values"][form.row("lines")]


def test_a_record_is_found_by_its_name_by_what_names_it_outside_and_by_its_id(
    form: Form, practice: PracticeOdoo
):
    rows = practice.execute("sale.order", "search_read", [], fields=["name", "client_order_ref"], limit=3)
    wanted = rows[1]
    for text in (wanted["name"], wanted["client_order_ref"], str(wanted["id"])):
        assert wanted["id"] in [pk for pk, _ in form.asks("names", search=text)["records"]]
    assert form.asks("names", search="")["records"][0][0] == newest(practice)["id"]
    told = form.asks("show", id=wanted["id"])
    assert json.loads(told["document"])["reference"] == wanted["client_order_ref"]
    assert "Odoo has no such record" in form.asks("show", id=999_999)["problem"]


def test_lines_need_not_be_saved(form: Form, orders: Endpoint):
    row = form.row("note")
    form.typed[f"{row}-key"] = "remark"
    count = int(form.typed["lines-TOTAL_FORMS"])
    form.typed |= {
        "lines-TOTAL_FORMS": count + 1, f"lines-{count}-key": "state", f"lines-{count}-field": "state",
        f"lines-{count}-kind": "plain", f"lines-{count}-direction": "from_odoo", f"lines-{count}-position": "0",
    }  # fmt: skip
    form.typed[f"{form.row('total')}-DELETE"] = "on"
    told = form.asks("show", id="")
    assert told["unfinished"] == []
    document = json.loads(told["document"])
    assert {"remark", "state"} <= set(document)
    assert not {"note", "total"} & set(document)
    assert told["values"][f"lines-{count}"] == json.dumps(document["state"])
    assert not Line.objects.filter(key__in=("remark", "state")).exists()


def test_a_new_mapping_can_be_tried_before_it_is_saved(boss: Client, orders: Endpoint):
    form = Form(boss, reverse("admin:mappings_mapping_add"))
    form.typed |= {
        "connection": orders.mapping.connection_id, "model": "res.partner",
        "lines-0-key": "customer_id", "lines-0-field": "ref", "lines-0-identifier": "on",
        "lines-1-key": "called", "lines-1-field": "name",
    }  # fmt: skip
    assert set(json.loads(form.asks("show", id="")["document"])) == {"customer_id", "called"}
    assert form.tries({"customer_id": "NEW", "called": 5})["problems"][0]["row"] == "lines-1"
    assert not Mapping.objects.filter(model="res.partner", lines__key="called").exists()


def test_an_unfinished_line_is_left_out_and_says_why(form: Form):
    row = form.row("note")
    form.typed[f"{row}-field"] = "nothing_like_that"
    told = form.asks("show", id="")
    assert told["unfinished"] == [{"row": row, "text": "sale.order has no field nothing_like_that."}]
    assert "note" not in json.loads(told["document"])
    form.typed[f"{form.row('reference')}-field"] = ""
    assert "The identifier is missing" in form.asks("show", id="")["problem"]


def test_what_was_shown_can_be_sent_back_and_changed(form: Form, practice: PracticeOdoo):
    shown = form.asks("show", id="")
    assert shown["name"] == newest(practice)["client_order_ref"]
    assert form.tries(shown["payload"], shown["name"])["heading"].startswith("Nothing would be sent")
    told = form.tries({"note": "Ring twice"}, shown["name"])
    assert told["heading"] == f"This changes the record with Odoo id {newest(practice)['id']}."
    assert [call["name"] for call in told["calls"]] == ["sale.order.write"]
    assert told["values"] == {form.row("note"): json.dumps(json.loads(told["sent"])["note"])}
    assert "the API would answer 404" in form.tries({"note": "x"}, "nobody")["heading"]


def test_nothing_is_written(form: Form, practice: PracticeOdoo):
    practice.calls.clear()
    told = form.tries({"reference": "NEW-1", "partner": {"customer_id": "NEW", "name": "New"}, "lines": []})
    assert told["heading"] == "This creates a record."
    assert [call["name"] for call in told["calls"]] == ["res.partner.load", "sale.order.load"]
    assert not [call for call in practice.calls if call[1] in WRITING]
    assert not Record.objects.exists()
    assert not Change.objects.exists()


def test_problems_are_at_their_lines_also_inside_other_mappings(boss: Client, form: Form):
    told = form.tries(
        {"reference": "X", "zzz": 1, "lines": [{"number": 1, "quantity": "many"}], "partner": "C-1"}
    )
    problems = {one["key"]: one for one in told["problems"]}
    line = Line.objects.get(key="quantity")
    inner = problems["lines[0].quantity"]
    assert inner["row"] == form.row("lines")
    assert inner["url"].endswith(f"/mappings/mapping/{line.mapping_id}/change/#line-{line.pk}")
    assert f'id="line-{line.pk}"' in boss.get(inner["url"]).content.decode()
    assert (problems["zzz"]["row"], problems["zzz"]["url"]) == ("", "")


def test_with_nothing_pasted_a_json_is_made_up(boss: Client, hub: Hub):
    form = Form(boss, reverse("admin:mappings_mapping_change", args=[hub.partners().mapping_id]))
    told = form.tries("")
    assert json.loads(told["payload"])["customer_id"].startswith("DEMO-")
    assert told["heading"] == "This creates a record."


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        ('{"a": 1,}', "This is no JSON: "),
        ("[1]", "One record is an object"),
        ('{"a": NaN}', "NaN is no JSON"),
        ("[" * 50_000, "This is no JSON"),
    ],
)
def test_what_is_no_json_object_is_said_at_the_input(form: Form, payload: str, text: str):
    assert text in form.tries(payload)["wrong"]


def test_an_odoo_that_is_away_is_told_in_plain_words(form: Form):
    Connection.objects.update(url="http://127.0.0.1:9")
    for told in (form.asks("show"), form.asks("names"), form.tries({"reference": "X", "partner": "C-1"})):
        assert "cannot be reached" in told["problem"]
        assert "whether Odoo is running" in told["problem"]


def test_of_an_endpoint_only_its_records(boss: Client, hub: Hub, practice: PracticeOdoo):
    endpoint = hub.partners(domain="[('ref', '=', 'NONE')]", enabled=False)
    page = boss.get(reverse("admin:endpoints_endpoint_change", args=[endpoint.pk])).content.decode()
    change = reverse("admin:mappings_mapping_change", args=[endpoint.mapping_id])
    assert f"{change}?endpoint=partners#preview" in page
    form = Form(boss, f"{change}?endpoint=partners")
    assert "no such record" in form.asks("show", endpoint="partners")["problem"]
    assert form.asks("names", endpoint="partners")["records"] == []
    assert form.asks("show", endpoint="")["document"]


def test_only_those_who_may_change_the_mapping_may_ask(boss: Client, form: Form, orders: Endpoint):
    url = reverse("admin:mappings_mapping_change", args=[orders.mapping_id])
    assert form.url in boss.get(url).content.decode()
    boss.force_login(User.objects.create_user("clerk", is_staff=True))
    assert boss.post(form.url, form.typed | {"preview-do": "show"}).status_code == 403


def test_lines_are_tried_by_those_who_may_change_them(client: Client, form: Form, orders: Endpoint):
    clerk = User.objects.create_user("clerk", is_staff=True)
    may = ["view_mapping", "change_mapping", "view_line"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=may))
    client.force_login(clerk)
    typed = form.typed | {f"{form.row('reference')}-field": "note"}
    answer = client.post(form.url, typed | {"preview-do": "show"})
    assert answer.status_code == 403, answer.content
    page = client.get(reverse("admin:mappings_mapping_change", args=[orders.mapping_id]))
    assert page.context["preview"] is None
