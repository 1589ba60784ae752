"""One record of Odoo's, two of the hub's, for as long as nobody knows that they are one."""

import uuid
from collections.abc import Callable
from typing import Any, cast

import pytest
from django.test import Client

from endpoints import merging, outbox, records, registry, touched
from endpoints.incoming import Who
from endpoints.models import Change, Record
from mappings.clients import client_for
from mappings.models import Connection
from synchub.odoo import OdooClient
from synchub.sync import carry, reading
from synchub.sync.batch import Batch
from synchub.sync.coalesce import Work
from synchub.sync.tasks import read_touched
from tests.conftest import Hub
from tests.sync.test_push import URL, due_now, get, post, put


def created_unheard(hub: Hub) -> None:
    """The hub has created X1, and does not know; what Odoo has is pulled."""
    post({"customer_id": "X1", "name": "A"})
    hub.odoo.faults.arm("drop_after_commit", method="load")
    hub.push()


def pulled_by_a_user_without_a_right_to_external_ids(hub: Hub) -> None:
    """So the pull cannot tell whose record it is that it sees."""
    hub.odoo.faults.arm("no_right", times=-1, model="ir.model.data")
    hub.pull()
    hub.odoo.faults.clear()


@pytest.mark.parametrize("way", ["pull", "webhook"])
def test_a_new_record_renamed_before_it_is_known_to_be_there_is_never_shown_twice(hub: Hub, way: str):
    hub.partners()
    created_unheard(hub)
    put("X1", {"customer_id": "X2"})
    if way == "pull":
        hub.pull()
    else:
        [there] = hub.in_odoo("X1")
        touched.note(hub.connection.pk, "res.partner", [there["id"]])
        read_touched(Record.objects.get().endpoint_id)
    assert Client().get(f"{URL}/X1").status_code == 404
    assert [one["customer_id"] for one in Client().get(f"{URL}?name=A").json()["results"]] == ["X2"]
    due_now()
    hub.push()
    assert [one["ref"] for one in hub.in_odoo("X1", "X2")] == ["X2"]
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


def test_a_new_record_that_only_odoo_s_id_names_is_shown_once_though_nothing_was_heard_of_it(hub: Hub):
    lines = {"id": {"field": "id", "identifier": True}, "name": "name"}
    hub.endpoint("tags", "res.partner.category", lines)
    records.create(registry.get("tags"), [{"name": "Once only"}], Who("", ""))
    hub.odoo.faults.arm("drop_after_commit", method="load")
    hub.push("tags")
    hub.pull("tags")
    [shown] = Client().get("/bj_api_sync/v1/tags?name=Once only").json()["results"]
    assert shown["id"] is not None
    due_now()
    hub.push("tags")
    assert hub.odoo.execute("res.partner.category", "search", [("name", "=", "Once only")]) == [shown["id"]]
    assert Client().get("/bj_api_sync/v1/tags?name=Once only").json()["results"] == [shown]


def test_a_new_record_deleted_before_it_is_known_to_be_there_and_pulled_meanwhile_is_deleted(hub: Hub):
    hub.partners(on_delete="unlink")
    created_unheard(hub)
    assert Client().delete(f"{URL}/X1").status_code == 200
    pulled_by_a_user_without_a_right_to_external_ids(hub)
    assert Client().delete(f"{URL}/X1").status_code == 200  # the copy that the pull has made
    due_now()
    hub.push()
    assert hub.in_odoo("X1") == []
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}
    assert Record.objects.filter(external_id="X1").count() == 1


def test_what_a_pull_saw_of_a_record_that_is_deleted_since_is_soon_gone(hub: Hub):
    """A worker creates it, unheard; a pull reads it; another worker deletes it and dies; and the pull merges what it read."""
    hub.partners(on_delete="unlink")
    created_unheard(hub)
    assert Client().delete(f"{URL}/X1").status_code == 200
    pulled_by_a_user_without_a_right_to_external_ids(hub)
    [there] = hub.in_odoo("X1")
    hub.odoo.execute("res.partner", "unlink", [there["id"]])
    assert get("X1").json()["name"] == "A"
    due_now()
    hub.push()
    [endpoint_id] = touched.due()
    read_touched(endpoint_id)
    assert Client().get(f"{URL}/X1").status_code == 404
    assert hub.in_odoo("X1") == []


def test_new_records_deleted_before_it_is_known_whether_they_are_there_are_deleted_though_odoo_goes_away_in_between(
    hub: Hub,
):
    """Each is made once more, which tells its id; then Odoo does not hear of the second one's deletion."""
    hub.partners(on_delete="unlink")
    for name in ("X1", "X2"):
        post({"customer_id": name, "name": "A"})
    hub.odoo.faults.arm("drop_before", method="load")
    hub.push()
    for name in ("X1", "X2"):
        assert Client().delete(f"{URL}/{name}").status_code == 200
    second = Change.objects.filter(operation="delete").order_by("id").last()
    assert second is not None
    Change.objects.filter(pk=second.pk).update(on_delete="archive")  # in a call of its own
    due_now()
    hub.odoo.faults.arm("drop_before", method="unlink")
    hub.push()
    assert [one["ref"] for one in hub.in_odoo("X1", "X2")] == ["X1", "X2"]
    assert set(Change.objects.values_list("state", flat=True)) == {"pending"}
    due_now()
    hub.push()
    assert [(one["ref"], one["active"]) for one in hub.in_odoo("X1", "X2", fields=("ref", "active"))] == [
        ("X2", False)
    ]
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


def test_a_new_record_renamed_before_it_is_known_to_be_there_takes_over_what_was_written_to_its_copy(
    hub: Hub,
):
    hub.partners()
    created_unheard(hub)
    put("X1", {"customer_id": "X2"})
    pulled_by_a_user_without_a_right_to_external_ids(hub)
    put("X1", {"email": "a@example.com"})  # to the copy, which bears the name that Odoo knows
    due_now()
    hub.push()
    assert [(one["ref"], one["email"]) for one in hub.in_odoo("X1", "X2", fields=("ref", "email"))] == [
        ("X2", "a@example.com")
    ]
    assert get("X2").json()["email"] == "a@example.com"
    assert Client().get(f"{URL}/X1").status_code == 404


def test_a_record_created_and_deleted_again_leaves_alone_what_bears_its_name_in_odoo(hub: Hub):
    hub.partners(on_delete="unlink")
    there = hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "By hand"})
    post({"customer_id": "X1", "name": "A"})
    assert Client().delete(f"{URL}/X1").status_code == 200
    hub.push()
    assert hub.in_odoo("X1") == [{"id": there, "ref": "X1", "name": "By hand"}]
    hub.pull()
    assert get("X1").json()["name"] == "By hand"


@pytest.mark.parametrize("gives_up", ["by another name", "by deletion"])
def test_a_name_given_up_by_a_record_that_is_not_known_to_be_in_odoo_can_be_another_s(
    hub: Hub, gives_up: str
):
    hub.partners(on_delete="unlink")
    created_unheard(hub)
    if gives_up == "by deletion":
        assert Client().delete(f"{URL}/X1").status_code == 200
    else:
        put("X1", {"customer_id": "X2"})
    post({"customer_id": "X1", "name": "B"})
    due_now()
    hub.push()
    kept = [] if gives_up == "by deletion" else [("X2", "A")]
    assert sorted((one["ref"], one["name"]) for one in hub.in_odoo("X1", "X2")) == [("X1", "B"), *kept]
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}
    assert get("X1").json()["name"] == "B"


def test_a_record_left_in_odoo_and_posted_again_at_once_is_there_once(hub: Hub):
    hub.partners(on_delete="ignore")
    post({"customer_id": "X1", "name": "A", "email": "a@example.com"})
    assert Client().delete(f"{URL}/X1").status_code == 200
    post({"customer_id": "X1", "name": "B"})
    hub.push()
    due_now()
    hub.push()
    assert [(one["name"], one["email"]) for one in hub.in_odoo("X1", fields=("name", "email"))] == [
        ("B", "a@example.com")
    ]
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}
    assert get("X1").json()["name"] == "B"


def test_a_record_left_in_odoo_unheard_and_posted_again_is_there_once(hub: Hub):
    hub.partners(on_delete="ignore")
    created_unheard(hub)
    hub.pull()
    assert Client().delete(f"{URL}/X1").status_code == 200
    post({"customer_id": "X1", "name": "B"})
    due_now()
    hub.push()
    due_now()
    hub.push()
    assert [one["name"] for one in hub.in_odoo("X1")] == ["B"]
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


def second_connection(hub: Hub) -> None:
    """What is made from here on belongs to another one, to the same database."""
    first = hub.connection
    address = {"url": f"{first.url}/", "database": first.database, "login": first.login}
    hub.connection = Connection.objects.create(name="second", **address, secret=hub.odoo.password)


@pytest.mark.parametrize(
    ("steps", "connections"),
    [
        *((steps, 1) for steps in ("PpSs", "PpsS", "pPsS", "pPSs", "pPs", "Sps", "sPS")),
        ("PpSs", 2),
        ("pPs", 2),
    ],
)
def test_a_record_that_two_endpoints_create_at_the_same_moment_is_in_odoo_once(
    hub: Hub, steps: str, connections: int
):
    """Small letters are steps of the second endpoint's worker; `p` comes before the look into Odoo, `s` sends."""
    hub.partners()
    first = hub.connection
    if connections == 2:
        second_connection(hub)
    hub.endpoint("clients", "res.partner", {"id": {"field": "ref", "identifier": True}, "name": "name"})
    post({"customer_id": "X1", "name": "A"})
    post({"id": "X1", "name": "A"}, "/bj_api_sync/v1/clients")
    with client_for(first) as client, client_for(hub.connection) as other:
        workers = {"p": Worker("partners", client), "c": Worker("clients", other)}
        for step in steps:
            worker = workers["p" if step.isupper() else "c"]
            (worker.prepare if step in "pP" else worker.send)()
        for worker in workers.values():
            worker.finish()
    for name in ("partners", "clients", "partners"):
        due_now()
        hub.push(name)
    assert len(hub.in_odoo("X1")) == 1
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}
    assert len(set(Record.objects.values_list("odoo_id", flat=True))) == 1


@pytest.mark.parametrize(
    "inside", [False, True], ids=["the order's partner", "the parent of the order's partner"]
)
@pytest.mark.parametrize("connections", [1, 2])
@pytest.mark.parametrize(
    "posted", ["before it is looked up", "before it is made", "and is being made", "after it is made"]
)
def test_a_record_posted_while_another_s_relation_creates_it_is_in_odoo_once(
    hub: Hub, posted: str, connections: int, inside: bool
):
    hub.partners()
    first = hub.connection
    if connections == 2:
        second_connection(hub)
    parent = hub.mapping(
        "parent", "res.partner", {"id": {"field": "ref", "identifier": True}, "name": "name"}
    )
    customer = hub.mapping(
        "customer",
        "res.partner",
        {
            "id": {"field": "ref", "identifier": True},
            "name": "name",
            "parent": {"field": "parent_id", "nested": parent, "on_missing": "create"},
        },
    )
    hub.endpoint(
        "orders",
        "sale.order",
        {
            "reference": {"field": "client_order_ref", "identifier": True},
            "customer": {"field": "partner_id", "nested": customer, "on_missing": "create"},
        },
    )
    named: dict[str, Any] = {"id": "X1", "name": "By the order"}
    named = {"id": "X0", "name": "Y", "parent": named} if inside else named
    post({"reference": "O1", "customer": named}, "/bj_api_sync/v1/orders")

    def meanwhile() -> None:
        post({"customer_id": "X1", "name": "Posted", "email": "a@example.com"})
        if posted != "before it is looked up":
            hub.push()

    if posted == "and is being made":
        post({"customer_id": "X1", "name": "Posted", "email": "a@example.com"})
        with client_for(first) as client, client_for(hub.connection) as other:
            partners, orders = Worker("partners", client), Worker("orders", other)
            partners.prepare()
            orders.send()
            partners.send()
            orders.finish()
            partners.finish()
    else:
        with client_for(hub.connection) as client:
            method = "search_read" if posted == "before it is looked up" else "load"
            interrupted = Interrupted(client, method, meanwhile, after=posted == "after it is made")
            worker = Worker("orders", cast("OdooClient", interrupted))
            worker.send()
            worker.finish()
    for name in ("partners", "orders", "partners"):
        due_now()
        hub.push(name)
    [partner] = hub.in_odoo("X1", fields=("name", "email"))
    assert (partner["name"], partner["email"]) == ("Posted", "a@example.com")
    [order] = hub.odoo.execute(
        "sale.order", "search_read", [("client_order_ref", "=", "O1")], fields=["partner_id"], load=""
    )
    [customer_there] = hub.in_odoo("X0" if inside else "X1", fields=("parent_id",))
    assert order["partner_id"] == customer_there["id"]
    assert not inside or customer_there["parent_id"] == partner["id"]
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


def test_a_record_deleted_while_it_is_created_does_not_come_back_with_what_was_read_before(hub: Hub):
    hub.partners(on_delete="unlink")
    post({"customer_id": "X1", "name": "A"})
    endpoint = registry.get("partners")
    with client_for(Connection.objects.get()) as client:
        worker = Worker("partners", client)
        worker.prepare()
        assert Client().delete(f"{URL}/X1").status_code == 200
        Record.objects.update(write_date="2026-01-01 00:00:00")  # as if that were some seconds ago
        worker.send()
        worker.finish()
        begun_at = outbox.database_time()
        [there] = hub.in_odoo("X1")
        rows = reading.of_ids(endpoint, client, [there["id"]])
        due_now()
        hub.push()
        assert hub.in_odoo("X1") == []
        merging.merge(endpoint, rows, begun_at)
    assert Client().get(f"{URL}/X1").status_code == 404
    assert Client().get(URL).json()["count"] == 0


class Interrupted:
    """A client. The first time that it is to do this with partners, something else happens before, or `after`."""

    def __init__(self, client: OdooClient, method: str, then: Callable[[], None], *, after: bool) -> None:
        self._client, self._method, self._then, self._after = client, method, [then], after

    def __getattr__(self, name: str) -> Any:
        done = getattr(self._client, name)

        def interrupted(model: str, *args: Any, **kwargs: Any) -> Any:
            then = self._then.pop() if model == "res.partner" and self._then else None
            if then is not None and not self._after:
                then()
            result = done(model, *args, **kwargs)
            if then is not None and self._after:
                then()
            return result

        return interrupted if name == self._method else done


class Worker:
    """One of two that push at once, step by step."""

    def __init__(self, name: str, client: OdooClient) -> None:
        self.endpoint, self.client = registry.get(name), client
        self.todo: list[Work] = []
        self.batch: Batch | None = None

    def prepare(self) -> None:
        token = uuid.uuid4()
        self.batch = Batch(token, outbox.claim(self.endpoint.id, token, 10))
        self.todo = carry.prepare(self.endpoint, self.client, self.batch)

    def send(self) -> None:
        if self.batch is None:
            self.prepare()
        assert self.batch is not None
        if self.todo:
            carry.send(self.endpoint, self.client, self.batch, self.todo)

    def finish(self) -> None:
        if self.batch is not None:
            carry.finish(self.endpoint, self.client, self.batch)


@pytest.mark.parametrize("freed", ["deleted in Odoo", "deleted here", "renamed here"])
def test_a_name_that_is_free_again_goes_to_the_other_record_of_odoo_that_bears_it(
    hub: Hub, settings, freed: str
):
    settings.DELETIONS_BRAKE = 1.0
    hub.partners(on_delete="unlink")
    post({"customer_id": "X1", "name": "A"})
    hub.push()
    [first] = hub.in_odoo("X1")
    hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "By hand"})
    hub.pull()  # which shows it without a name: there is one called so
    assert get("X1").json()["name"] == "A"
    if freed == "deleted in Odoo":
        hub.odoo.execute("res.partner", "unlink", [first["id"]])
        hub.sweep()
    else:
        if freed == "deleted here":
            assert Client().delete(f"{URL}/X1").status_code == 200
        else:
            put("X1", {"customer_id": "X2"})
        assert get("X1").json()["name"] == "By hand"
        hub.push()
    assert get("X1").json()["name"] == "By hand"
    assert Record.objects.get(external_id="X1", deleted_at=None).problem == ""


@pytest.mark.parametrize("takes", ["a new record", "a known one"])
@pytest.mark.parametrize("stays", ["refused", "given way"])
def test_a_name_that_is_not_given_up_after_all_is_not_given_to_another(hub: Hub, stays: str, takes: str):
    hub.partners(conflicts="odoo")
    if takes == "a known one":
        post({"customer_id": "X9", "name": "Nine"})
        hub.push()
    post({"customer_id": "X1", "name": "One"})
    if stays == "refused":
        hub.odoo.faults.arm("drop_after_commit", method="load")
    hub.push()
    [one] = hub.in_odoo("X1")
    hub.odoo.execute("res.partner", "write", [one["id"]], {"ref": "X2"})
    if stays == "refused":
        hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "By hand"})
    else:
        put("X1", {"customer_id": "X3"})
    if takes == "a known one":
        put("X9", {"customer_id": "X2"})
    else:
        post({"customer_id": "X2", "name": "Two"})
    due_now()
    hub.push()
    assert [there["id"] for there in hub.in_odoo("X2")] == [one["id"]]
    assert not Change.objects.filter(state__in=["pending", "claimed"]).exists()
    assert all(Change.objects.filter(state="failed").values_list("error", flat=True))
