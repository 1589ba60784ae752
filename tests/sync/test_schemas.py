"""The fields are read anew: what changed in Odoo is told, and one line at fault does not stop the others.

The practice Odoo's fields stay what they are; what the hub remembers of them is made to differ.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import Client
from django.utils.timezone import now

from endpoints import decisions, editing, registry
from endpoints.models import Change, PullState, Record, Run
from mappings import schema
from mappings.models import Connection, Line, ModelNames, OdooModel, SchemaProblem
from synchub.odoo import OdooClient
from synchub.sync import locks, schemas, sweep, tasks
from synchub.sync.push import push
from synchub.torture.waiting import until
from tests.conftest import Hub
from tests.sessions import another_session, somebody_waits
from tests.sync.test_push import due_now

URL = "/bj_api_sync/v1/partners"


def remember(model: str, **fields: dict[str, Any] | None) -> None:
    """As if Odoo had been so when its fields were read."""
    row = OdooModel.objects.get(model=model)
    row.fields = {
        name: facts
        for name, facts in (
            row.fields | {n: row.fields.get(n, {}) | (f or {}) for n, f in fields.items()}
        ).items()
        if name not in fields or fields[name] is not None
    }
    row.save()


def gone(hub: Hub, key: str, field: str = "x_studio_rating") -> None:
    """A line whose field Odoo had once: the hub still remembers it."""
    remember("res.partner", **{field: {"type": "char", "string": "Rating", "store": True}})
    Line.objects.filter(mapping__name="partners", key=key).update(field=field)


def problems() -> list[str]:
    return [f"{one.severity} {one.text}" for one in SchemaProblem.objects.all()]


def test_a_field_that_is_gone_is_told_with_its_line_before_anything_fails(hub: Hub):
    hub.partners()
    gone(hub, "email")
    schemas.refresh(hub.connection)
    [problem] = SchemaProblem.objects.all()
    assert problem.line is not None
    assert (problem.line.key, problem.severity) == ("email", "broken")
    assert problem.text.startswith("“email”: Odoo has no field x_studio_rating of res.partner any more")


def test_the_other_lines_go_on_where_one_lost_its_field(hub: Hub):
    hub.partners()
    gone(hub, "email")
    schemas.refresh(hub.connection)
    client = Client()

    def write(body: Any) -> Any:
        return client.post(URL, json.dumps(body), content_type="application/json")

    refused = write({"customer_id": "D1", "name": "Ada", "email": "a@b.c"})
    assert refused.status_code == 400
    assert refused.json()["line_id"] == Line.objects.get(key="email", mapping__name="partners").pk
    assert refused.json()["error"].startswith(
        "“email”: it cannot be written now, because its field has changed"
    )
    assert "x_studio" not in refused.content.decode()
    assert write({"customer_id": "D1", "name": "Ada"}).status_code == 201
    hub.push()
    hub.pull()
    shown = client.get(f"{URL}/D1").json()
    assert (shown["name"], shown["email"]) == ("Ada", None)
    assert Record.objects.get(external_id="D1").state == "synced"


def test_a_pull_that_meets_a_field_that_is_gone_has_the_fields_read_anew(hub: Hub):
    hub.partners()
    hub.odoo.execute("res.partner", "create", {"ref": "D1", "name": "Ada"})
    gone(hub, "email")
    hub.pull()
    state = PullState.objects.get()
    assert "x_studio_rating" in state.last_error
    assert "broken “email”: Odoo has no field" in problems()[0]
    assert [state.endpoint_id] == sweep.due_pulls()  # at once, not after its interval
    hub.pull()
    assert Client().get(f"{URL}/D1").json()["name"] == "Ada"
    assert PullState.objects.get().last_error == ""


def test_writes_of_other_keys_wait_where_a_field_is_gone_until_the_fields_are_read_anew(hub: Hub):
    """Before they are sent, Odoo is asked for all fields of these records."""
    hub.partners()
    sweep.due_pulls()
    client = Client()

    def put(name: str, body: Any) -> None:
        answer = client.put(f"{URL}/{name}", json.dumps(body), content_type="application/json")
        assert answer.status_code == 200, answer.content

    for name in ("W1", "W2", "W3"):
        body = {"customer_id": name, "name": "old", "email": "a@b.c"}
        client.post(URL, json.dumps(body), content_type="application/json")
    hub.push()
    put("W1", {"name": "new"})
    put("W2", {"name": "new"})
    put("W3", {"email": "x@y.z"})
    change = Change.objects.get(record__external_id="W3", state="pending")
    change.values["x_studio_rating"] = change.values.pop("email")
    change.save()
    gone(hub, "email")
    registry.clear()
    hub.push()
    assert "broken “email”: Odoo has no field" in problems()[0]
    waiting = Change.objects.filter(state="pending")
    assert [one.record.external_id for one in waiting.order_by("pk")] == ["W1", "W2", "W3"]
    assert {one.not_before - now() < timedelta(minutes=1) for one in waiting} == {True}
    assert "x_studio_rating" in PullState.objects.get().last_error
    assert Connection.objects.get().last_error == ""  # the other endpoints of the connection work
    due_now()
    hub.push()
    assert [one["name"] for one in hub.in_odoo("W1", "W2", "W3")] == ["new", "new", "old"]
    assert "x_studio_rating was written" in Change.objects.get(state="failed").error
    assert len(sweep.due_pulls()) == 1
    hub.pull()
    assert PullState.objects.get().last_error == ""


def test_where_its_model_is_gone_an_endpoint_waits_long_and_the_others_of_its_connection_do_not(hub: Hub):
    endpoint = hub.partners()
    sweep.due_pulls()
    body = {"customer_id": "E1", "name": "A"}
    assert Client().post(URL, json.dumps(body), content_type="application/json").status_code == 201
    OdooModel.objects.update(model="x.gone")
    type(endpoint.mapping).objects.update(model="x.gone")
    registry.clear()
    for tried in (hub.push, hub.pull):
        tried()
        assert "x.gone" in PullState.objects.get().last_error
        assert Connection.objects.get().last_error == ""
    change = Change.objects.get()
    assert (change.state, change.attempts) == ("pending", 0)
    assert change.not_before - now() > timedelta(minutes=25)


@pytest.mark.parametrize("method", ["get", "put"])
def test_a_live_request_that_meets_a_field_that_is_gone_has_the_fields_read_anew(hub: Hub, method: str):
    hub.partners(mode="live")
    hub.odoo.execute("res.partner", "create", {"ref": "D1", "name": "Ada"})
    gone(hub, "email")

    def ask(place: str = "/D1") -> Any:
        body = [] if method == "get" else [json.dumps({"name": "Bea"})]
        return getattr(Client(), method)(f"{URL}{place}", *body, content_type="application/json")

    refused = ask()
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    assert "x_studio" not in refused.content.decode()
    assert "broken “email”: Odoo has no field" in problems()[0]
    answered = ask()
    assert answered.status_code == 200
    assert (answered.json()["name"], answered.json()["email"]) == ("Ada" if method == "get" else "Bea", None)
    hub.odoo.calls.clear()
    assert ask("/D2").status_code == 404
    assert "fields_get" not in [method for _, method, *_ in hub.odoo.calls]


def test_a_field_that_became_another_type_is_read_anew_by_a_pull_and_by_a_push(hub: Hub):
    hub.partners()
    client = Client()
    for name in ("D1", "D2"):
        body = json.dumps({"customer_id": name, "name": "old", "email": "a@b.c"})
        client.post(URL, body, content_type="application/json")
    hub.push()
    client.put(f"{URL}/D1", json.dumps({"name": "new"}), content_type="application/json")
    remember("res.partner", email={"type": "float"})
    registry.clear()
    hub.push()
    waiting = Change.objects.get(state="pending")
    assert not waiting.sent
    assert waiting.error.startswith(
        "What Odoo has in the field email of res.partner is not of the type float"
    )
    assert "broken “email”: email was of the type float in Odoo and is char now" in problems()[0]
    due_now()
    hub.push()
    assert [one["name"] for one in hub.in_odoo("D1")] == ["new"]
    remember("res.partner", email={"type": "float"})
    registry.clear()
    hub.pull()
    assert "is not of the type float" in PullState.objects.get().last_error
    assert len(sweep.due_pulls()) == 1  # at once, not after its interval
    hub.pull()
    assert PullState.objects.get().last_error == ""
    assert client.get(f"{URL}/D2").json()["email"] == "a@b.c"


def test_a_field_that_became_another_type_costs_what_waits_one_short_delay_and_no_doubt(
    hub: Hub, settings: Any
):
    settings.PUSH_BATCH = 2
    hub.partners()
    client = Client()
    names = [f"D{number}" for number in range(6)]
    for name in names:
        body = json.dumps({"customer_id": name, "name": "old", "email": "a@b.c"})
        client.post(URL, body, content_type="application/json")
    hub.push()
    for name in names:
        client.put(f"{URL}/{name}", json.dumps({"name": "new"}), content_type="application/json")
    remember("res.partner", email={"type": "float"})
    registry.clear()
    assert push(registry.get("partners"))  # there is more to do
    waiting = Change.objects.filter(state="pending")
    assert {(one.attempts, one.sent) for one in waiting} == {(0, False)}
    assert not push(registry.get("partners"))
    assert {one["name"] for one in hub.in_odoo(*names)} == {"new"}


def test_a_live_request_that_meets_a_field_of_another_type_has_the_fields_read_anew(hub: Hub):
    hub.partners(mode="live")
    hub.odoo.execute("res.partner", "create", {"ref": "D1", "name": "Ada", "email": "a@b.c"})
    for place in ("", "/D1"):
        remember("res.partner", email={"type": "float"})
        registry.clear()
        assert Client().get(f"{URL}{place}").status_code == 503
        assert Client().get(f"{URL}{place}").status_code == 200


def test_what_was_written_live_and_has_a_field_of_another_type_is_told_to_be_written(hub: Hub):
    hub.partners(mode="live")
    remember("res.partner", type={"type": "float"})
    registry.clear()
    body = json.dumps({"customer_id": "D1", "name": "Ada"})
    made = Client().post(URL, body, content_type="application/json")
    assert (made.status_code, [one["name"] for one in hub.in_odoo("D1")]) == (403, ["Ada"])
    assert "Odoo has taken what was sent" in made.json()["message"]
    assert "Do not send it again" in made.json()["message"]
    assert Client().get(f"{URL}/D1").json()["kind"] == "contact"


def test_a_live_request_reads_no_fields_again_where_that_has_mended_nothing(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
):
    """What Odoo sends is nothing of the type that Odoo itself says the field is of."""
    hub.partners(mode="live")
    hub.odoo.execute("res.partner", "create", {"ref": "D1", "name": "Ada", "email": "a@b.c"})
    monkeypatch.setattr("endpoints.live.fitting._read_in_vain", {})
    as_it_is = schema.read_fields

    def said(model: str, client: OdooClient) -> schema.Fields:
        fields = as_it_is(model, client)
        return fields | {"email": fields["email"] | {"type": "float"}}

    monkeypatch.setattr(schema, "read_fields", said)
    remember("res.partner", email={"type": "float"})
    schemas.refresh(hub.connection)
    registry.clear()
    read = 0
    for place in ("", "/D1", "", "/D1"):
        answer = Client().get(f"{URL}{place}")
        assert (answer.status_code, "Retry-After" in answer) == (503, False)
        assert "not set up correctly" in answer.json()["message"]
        read += hub.odoo.calls.count_of("res.partner", "fields_get")
        hub.odoo.calls.clear()
    assert read == 2  # once by the reading of all, before, and once for these


def test_a_refused_option_that_odoo_has_dropped_is_not_accepted_again(hub: Hub):
    hub.partners()
    kinds = OdooModel.objects.get(model="res.partner").fields["type"]["selection"]
    remember("res.partner", type={"selection": [*kinds, ["dropped", "Dropped"]]})
    registry.clear()
    client = Client()

    def post(name: str) -> Any:
        body = {"customer_id": name, "name": "A", "kind": "dropped"}
        return client.post(URL, json.dumps(body), content_type="application/json")

    assert post("K1").status_code == 201
    hub.push()
    change = Change.objects.get()
    assert (change.state, change.error.partition(":")[0]) == ("failed", "“kind”")
    assert "does not take “dropped” any more" in change.error
    refused = post("K2")
    assert (refused.status_code, refused.json()["status_code"]) == (400, "SELECTION")
    assert any("Odoo no longer takes “dropped”" in one for one in problems())


def test_a_pull_that_odoo_goes_on_to_refuse_does_not_read_the_fields_each_time(hub: Hub):
    hub.partners()
    hub.odoo.faults.arm("no_right", times=-1, method="search_read")
    hub.pull()
    hub.odoo.calls.clear()
    hub.pull()
    assert "fields_get" not in [method for _, method, *_ in hub.odoo.calls]


def test_a_write_from_before_is_refused_with_its_line_and_stops_nobody(hub: Hub):
    hub.partners()
    client = Client()
    for body in ({"customer_id": "E1", "name": "A", "email": "a@b.c"}, {"customer_id": "E2", "name": "B"}):
        assert client.post(URL, json.dumps(body), content_type="application/json").status_code == 201
    change = Change.objects.get(record__external_id="E1")
    change.values["x_studio_rating"] = change.values.pop("email")
    change.save()
    gone(hub, "email")
    schemas.refresh(hub.connection)
    hub.push()
    first, second = Change.objects.order_by("pk")
    assert (first.state, second.state) == ("failed", "applied")
    assert "x_studio_rating was written, which Odoo or the mapping no longer has" in first.error
    assert first.line_id == Line.objects.get(key="email", mapping__name="partners").pk


def test_a_write_of_a_line_that_is_gone_is_edited_and_sent_without_it(hub: Hub):
    endpoint = hub.partners()
    body = {"customer_id": "E1", "name": "A", "email": "a@b.c"}
    assert Client().post(URL, json.dumps(body), content_type="application/json").status_code == 201
    endpoint.mapping.lines.get(key="email").delete()
    registry.clear()
    hub.push()
    change = Change.objects.get()
    assert (change.state, change.values["email"]) == ("failed", "a@b.c")
    shown = editing.shown(registry.get("partners").mapping, change)
    assert shown == {"customer_id": "E1", "name": "A"}
    assert editing.edit(change.pk, shown, "boss")
    hub.push()
    change.refresh_from_db()
    assert (change.state, hub.in_odoo("E1", fields=("name", "email"))[0]["email"]) == ("applied", False)


@pytest.mark.parametrize("first", ["plain", "script"])
def test_an_addition_to_what_was_written_when_its_line_was_another_one_loses_nothing(hub: Hub, first: str):
    ids = hub.odoo.execute("res.partner.category", "create", [{"name": name} for name in ("t1", "t2", "t3")])
    tag = hub.mapping("tag", "res.partner.category", {"name": {"field": "name", "identifier": True}})
    tags: dict[str, Any] = {"field": "category_id"}
    if first == "script":
        tags |= {"kind": "script", "script_mode": "evaluate", "direction": "to_odoo"}
        tags["script"] = f"[Command.link({ids[0]}), Command.link({ids[1]})]"
    lines = {"customer_id": {"field": "ref", "identifier": True}, "name": "name", "tags": tags}
    endpoint = hub.endpoint("partners", "res.partner", lines)
    client = Client()
    client.post(URL, {"customer_id": "E1", "name": "A"}, content_type="application/json")
    hub.push()
    client.put(f"{URL}/E1", {"tags": ids[:2]}, content_type="application/json")
    line = endpoint.mapping.lines.get(key="tags")
    line.kind, line.nested, line.script, line.script_mode, line.direction = "relation", tag, "", "", "both"
    line.save()
    registry.clear()
    client.put(f"{URL}/E1", {"tags": {"add": ["t3"]}}, content_type="application/json")
    hub.push()
    _, older, newer = Change.objects.order_by("pk")
    assert [older.state, newer.state] == ["failed", "failed"]
    assert "“tags” was written twice, in two forms that cannot be put together" in older.error
    for one in (older, newer):
        decisions.retry([one.pk], "boss")
        hub.push()
    assert hub.in_odoo("E1", fields=("category_id",))[0]["category_id"] == ids
    assert client.get(f"{URL}/E1").json()["tags"] == ["t1", "t2", "t3"]


@pytest.mark.parametrize("becomes", [{"kind": "plain", "nested": None}, {"direction": "from_odoo"}])
def test_a_relation_that_waits_is_not_dropped_where_its_line_becomes_another(hub: Hub, becomes: Any):
    country = hub.mapping("country", "res.country", {"code": {"field": "code", "identifier": True}})
    lines = {
        "customer_id": {"field": "ref", "identifier": True},
        "name": "name",
        "country": {"field": "country_id", "nested": country},
    }
    endpoint = hub.endpoint("partners", "res.partner", lines)
    body = {"customer_id": "E1", "name": "A", "country": "BE"}
    assert Client().post(URL, json.dumps(body), content_type="application/json").status_code == 201
    line = endpoint.mapping.lines.get(key="country")
    for name, value in becomes.items():
        setattr(line, name, value)
    line.save()
    registry.clear()
    hub.push()
    change = Change.objects.get()
    assert change.state == "failed"
    assert (
        "country_id was written, which Odoo or the mapping no longer has, or has in another form"
        in change.error
    )
    assert change.line_id == line.pk
    assert editing.shown(registry.get("partners").mapping, change) == {"customer_id": "E1", "name": "A"}
    assert hub.in_odoo("E1") == []


def test_a_relation_that_waits_means_nobody_else_where_its_records_get_another_identifier(hub: Hub):
    """Country BE has been named by its code; by its name another one would be called so."""
    country = hub.mapping(
        "country", "res.country", {"code": {"field": "code", "identifier": True}, "name": "name"}
    )
    lines = {
        "customer_id": {"field": "ref", "identifier": True},
        "name": "name",
        "country": {"field": "country_id", "nested": country},
    }
    hub.endpoint("partners", "res.partner", lines)
    hub.odoo.execute("res.country", "create", {"name": "BE", "code": "9Z"})
    body = {"customer_id": "E1", "name": "A", "country": "BE"}
    assert Client().post(URL, json.dumps(body), content_type="application/json").status_code == 201
    country.lines.filter(key="code").update(identifier=False)
    country.lines.filter(key="name").update(identifier=True)
    registry.clear()
    hub.push()
    change = Change.objects.get()
    assert change.state == "failed"
    assert "country_id.code was written" in change.error
    assert hub.in_odoo("E1") == []
    shown = editing.shown(registry.get("partners").mapping, change)
    assert shown == {"customer_id": "E1", "name": "A"}
    assert editing.edit(change.pk, {**shown, "country": "Belgium"}, "boss")
    hub.push()
    change.refresh_from_db()
    assert change.state == "applied"
    [made] = hub.in_odoo("E1", fields=("country_id",))
    assert hub.odoo.execute("res.country", "read", [made["country_id"]], fields=["code"])[0]["code"] == "BE"


def test_without_its_identifier_an_endpoint_says_which_line_is_at_fault(hub: Hub):
    hub.partners()
    gone(hub, "customer_id")
    schemas.refresh(hub.connection)
    answer = Client().get(URL)
    assert answer.status_code == 503
    assert "broken “customer_id”: Odoo has no field" in problems()[0]


def test_a_change_of_type_stays_told_until_the_line_is_saved(hub: Hub):
    endpoint = hub.partners()
    remember("res.partner", city={"type": "integer"})
    for _ in range(2):
        schemas.refresh(hub.connection)
        assert problems() == [
            "broken “address.city”: city was of the type integer in Odoo and is char now; what the endpoint shows and takes "
            "changes with it. Save the line to say that this is well."
        ]
    endpoint.mapping.lines.get(key="address.city").save()
    schemas.refresh(hub.connection)
    assert problems() == []


def test_a_problem_keeps_the_time_it_was_first_seen_and_goes_with_its_cause(hub: Hub):
    hub.partners()
    gone(hub, "email")
    schemas.refresh(hub.connection)
    first = SchemaProblem.objects.get()
    schemas.refresh(hub.connection)
    assert SchemaProblem.objects.get().first_seen_at == first.first_seen_at
    Line.objects.filter(key="email").update(field="email")
    schemas.refresh(hub.connection)
    assert problems() == []


def test_what_odoo_requires_now_is_told_where_records_are_created(hub: Hub):
    hub.endpoint(
        "products",
        "product.template",
        {"sku": {"field": "default_code", "identifier": True}},
        methods=["GET", "POST"],
    )
    hub.endpoint(
        "names", "product.template", {"sku": {"field": "default_code", "identifier": True}}, methods=["GET"]
    )
    remember("product.template", name={"required": False})
    schemas.refresh(hub.connection)
    [problem] = SchemaProblem.objects.all()
    assert (problem.mapping.name, problem.line) == ("products", None)
    assert "Odoo requires Name (name) of new records of product.template now" in problem.text


def test_a_domain_and_a_parameter_that_lost_their_field_are_told(hub: Hub):
    endpoint = hub.partners(domain="[('x_gone', '=', 1)]")
    endpoint.parameters.create(key="rating", field="x_gone")
    schemas.refresh(hub.connection)
    assert problems() == [
        "broken The domain of endpoint “partners”: Item 1 (x_gone = …): res.partner has no field x_gone.",
        "broken Parameter “rating” of endpoint “partners”: res.partner has no field x_gone any more; remove it, or let it "
        "filter by another field.",
    ]
    endpoint.domain = "[]"
    endpoint.save()
    endpoint.parameters.all().delete()
    schemas.refresh(hub.connection)
    assert problems() == []


def test_a_parameter_that_lost_its_field_stops_nothing_but_itself(hub: Hub):
    """Nor does it become the mapped key of the same name."""
    endpoint = hub.partners()
    for key in ("rating", "name"):
        endpoint.parameters.create(key=key, field="x_gone", operator=">")
    hub.odoo.execute("res.partner", "create", {"ref": "D1", "name": "Ada"})
    hub.pull()
    assert Client().get(URL, {"customer_id": "D1"}).json()["count"] == 1
    for key in ("rating", "name"):
        refused = Client().get(URL, {key: "Ada"})
        assert refused.status_code == 400
        assert f"“{key}” is not a parameter here." in refused.json()["message"]


def test_the_names_of_odoos_models_are_kept_for_pickers(hub: Hub):
    tasks.refresh_schemas(hub.connection.pk)
    names = schema.names_of(hub.connection)
    assert names is not None
    assert names["res.partner"] == "Contact"
    assert ModelNames.objects.count() == 1


def test_fields_that_are_being_read_are_not_read_by_another_worker_as_well(hub: Hub):
    with another_session() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [locks._FIELDS, hub.connection.pk])
        tasks.refresh_schemas(hub.connection.pk)
        assert not Run.objects.exists()
    tasks.refresh_schemas(hub.connection.pk)
    assert Run.objects.get().state == "done"


def test_a_connection_that_fails_stops_no_other(hub: Hub):
    hub.partners()
    gone(hub, "email")
    Connection.objects.create(name="away", url="http://127.0.0.1:9", database="x", login="x", secret="x")
    Connection.objects.create(name="broken", url="not an address", database="x", login="x", secret="x")
    for connection in Connection.objects.all():
        tasks.refresh_schemas(connection.pk)
    assert len(problems()) == 1
    assert Connection.objects.get(name="away").last_error


def test_a_model_that_odoo_no_longer_has_is_told(hub: Hub):
    endpoint = hub.partners()
    OdooModel.objects.update(model="x.gone")
    type(endpoint.mapping).objects.update(model="x.gone")
    schemas.refresh(hub.connection)
    assert problems() == ["broken Odoo does not tell the fields of x.gone: Object x.gone doesn't exist"]


def test_a_field_that_odoo_computes_now_is_shown_and_not_written(hub: Hub):
    hub.partners()
    Line.objects.filter(key="email").update(field="contact_address")
    schemas.refresh(hub.connection)
    hub.pull()
    assert "contact_address is computed by Odoo" in problems()[0]
    client = Client()
    [one, *_] = [one for one in client.get(URL).json()["results"] if one["customer_id"] and one["email"]]
    body = json.dumps({"email": "x"})
    refused = client.put(f"{URL}/{one['customer_id']}", body, content_type="application/json")
    assert (refused.status_code, refused.json()["status_code"]) == (400, "READONLY")


@pytest.mark.parametrize("key", ["tags", "latitude"])
def test_a_relation_or_a_number_that_is_gone_is_null(hub: Hub, key: str):
    hub.partners()
    gone(hub, key)
    schemas.refresh(hub.connection)
    hub.pull()
    page = Client().get(URL).json()
    assert page["count"] > 0
    assert {one[key] for one in page["results"]} == {None}


def test_a_reading_is_a_run_of_the_connection_that_says_what_came_of_it(hub: Hub):
    hub.partners()
    schemas.refresh(hub.connection)
    run = Run.objects.get()
    assert (run.about, run.kind, run.state) == (hub.connection, "schema", "done")
    assert (run.seen, run.total, run.failed) == (1, 1, 0)
    assert run.message == "Every mapping fits what Odoo has."
    gone(hub, "email")
    schemas.refresh(hub.connection)
    run = Run.objects.latest("pk")
    assert run.changed == 1
    assert run.message == "Look at mapping “partners”: what Odoo has no longer fits there."


def test_a_reading_that_fails_is_a_run_that_failed(hub: Hub):
    hub.partners()
    Connection.objects.update(url="http://127.0.0.1:9")
    tasks.refresh_schemas(hub.connection.pk)
    run = Run.objects.get()
    assert run.state == "failed"
    assert "cannot be reached" in run.message


def test_a_page_and_a_worker_may_read_a_new_model_at_the_same_time(hub: Hub):
    with OdooClient(hub.connection.access()) as client, ThreadPoolExecutor(1) as page:
        with transaction.atomic():  # the worker's, which is not done when the page looks
            schema.refresh(hub.connection, "res.currency", client)
            reading = page.submit(_read, hub.connection, "res.currency")
            until(somebody_waits, "the page's row meets the worker's")
        reading.result(120)
    assert OdooModel.objects.filter(model="res.currency").count() == 1


def _read(connection: Connection, model: str) -> None:
    try:
        with OdooClient(connection.access()) as client:
            schema.refresh(connection, model, client)
    finally:
        connections.close_all()
