"""`POST /<endpoint>/{id}/actions/<name>`: Odoo's own methods, in order with the record's changes."""

import json

import pytest

from endpoints import decisions, registry
from endpoints.models import Action, Change, Endpoint, Record
from mappings.models import Connection, Line
from tests.conftest import Hub
from tests.endpoints.conftest import Api
from tests.endpoints.test_access_grid import narrow_at
from tests.endpoints.test_waiting import Worker
from tests.sync.test_relations import order_in_odoo, sample
from tests.sync.test_schemas import remember

CONFIRM = "orders/O-1/actions/confirm"


@pytest.fixture
def orders(hub: Hub) -> Hub:
    endpoint = hub.orders()
    Line.objects.create(
        mapping=endpoint.mapping, key="state", field="state", direction="from_odoo", position=9
    )
    Action.objects.create(endpoint=endpoint, name="confirm", method="action_confirm")
    Action.objects.create(endpoint=endpoint, name="draft", method="action_draft")
    Action.objects.create(endpoint=endpoint, name="cancel", method="action_cancel")
    Action.objects.create(
        endpoint=endpoint, name="note", method="message_post", parameters=["body"], repeatable=True
    )
    return hub


@pytest.fixture
def order(orders: Hub, api: Api) -> Hub:
    api.post("orders", sample(orders, "O-1"))
    orders.push("orders")
    return orders


def states(hub: Hub) -> list[str]:
    found = hub.odoo.execute(
        "sale.order", "search_read", [("client_order_ref", "=", "O-1")], fields=["state"]
    )
    return [one["state"] for one in found]


def changes() -> list[tuple[str, str]]:
    return list(Change.objects.order_by("id").values_list("operation", "state"))


def test_an_action_is_accepted_and_called_in_odoo(order: Hub, api: Api):
    answer = api.ask("POST", CONFIRM)
    assert (answer.status_code, answer["X-Sync-State"]) == (202, "pending")
    assert json.loads(answer.content)["reference"] == "O-1"
    assert answer["ETag"]
    assert states(order) == ["draft"]
    order.push("orders")
    assert states(order) == ["sale"]
    assert api.ask("GET", "orders/O-1")["X-Sync-State"] == "synced"


def test_it_goes_in_order_with_what_was_written_before_and_after(orders: Hub, api: Api):
    api.post("orders", sample(orders, "O-1"))
    api.put("orders/O-1", {"note": "before"})
    api.post(CONFIRM, None, status=202)
    api.put("orders/O-1", {"note": "after"})
    orders.odoo.calls.clear()
    orders.push("orders")
    methods = [call.method for call in orders.odoo.calls if call.model == "sale.order"]
    written = [name for name in methods if name in ("create", "load", "action_confirm", "write")]
    assert written[0] in ("create", "load")
    assert written.index("action_confirm") == 1
    assert written[2:] != []
    assert states(orders) == ["sale"]
    assert order_in_odoo(orders, "O-1")["note"].find("after") >= 0
    assert {state for _, state in changes()} == {"applied"}


def test_what_is_not_allowed_is_not_there(order: Hub, api: Api):
    assert "no action" in api.post("orders/O-1/actions/lock", None, status=404)["message"]
    api.post("orders/nobody/actions/confirm", None, status=404)
    assert "has none" in api.post(CONFIRM, {"x": 1}, status=400)["message"]
    assert "It has: body" in api.post("orders/O-1/actions/note", {"x": 1}, status=400)["message"]
    api.post("orders/O-1/actions/note", {"body": "\x00"}, status=400)
    api.post(CONFIRM, [], status=400)
    api.post(f"{CONFIRM}?x=1", None, status=400)
    assert len(changes()) == 1


@pytest.mark.parametrize("key", ["x", "dry_run"])
def test_an_action_has_no_parameters_in_its_address(order: Hub, api: Api, key: str):
    refused = api.post(f"{CONFIRM}?{key}=true", {}, status=400)
    assert refused["message"] == f"“{key}” is not a parameter here. There are none."


def test_an_endpoint_without_post_has_its_actions_all_the_same(order: Hub, api: Api):
    Endpoint.objects.update(methods=["GET"])
    registry.clear()
    api.post("orders", sample(order, "O-2"), status=405)
    assert api.ask("OPTIONS", CONFIRM)["Allow"] == "GET, POST"
    api.post(CONFIRM, None, status=202)
    Action.objects.all().delete()
    registry.clear()
    api.post(CONFIRM, None, status=405)


def test_what_odoo_refuses_is_shown_and_told_to_who_waits(order: Hub, api: Api):
    with Worker(order, "orders"):
        wait = {"Prefer": "wait=20"}
        done = api.ask("POST", CONFIRM, headers=wait)
        assert (done.status_code, done["X-Sync-State"]) == (200, "synced")
        refused = api.ask("POST", CONFIRM, headers=wait)
        assert refused.status_code == 400
        told = json.loads(refused.content)["error"]
        assert told.startswith("Odoo refuses “confirm”: do what it says, and ask for it again. Odoo says: ")
        assert "not in a state requiring confirmation" in told
    assert api.ask("GET", "orders/O-1")["X-Sync-State"] == "synced"
    api.post(CONFIRM, None, status=202)
    order.push("orders")
    assert changes()[-1] == ("action", "failed")
    assert "not in a state requiring confirmation" in Record.objects.get(external_id="O-1").problem


def test_a_key_that_may_not_post_is_told_that_it_may_not_act(order: Hub):
    Endpoint.objects.update(auth="bearer")
    reads = narrow_at(Endpoint.objects.get(), methods=["GET"])
    assert "may not POST" in reads.post(CONFIRM, None, status=403)["message"]
    assert reads.ask("OPTIONS", CONFIRM)["Allow"] == "GET"
    assert reads.ask("PATCH", CONFIRM)["Allow"] == "GET, PUT, DELETE, POST"


def test_that_odoo_refuses_is_told_to_a_key_with_restrictions_and_why_is_not(order: Hub):
    Endpoint.objects.update(auth="bearer")
    narrow = narrow_at(Endpoint.objects.get(), read=["reference"])
    order.odoo.execute(
        "sale.order",
        "action_confirm",
        order.odoo.execute("sale.order", "search", [("client_order_ref", "=", "O-1")]),
    )
    with Worker(order, "orders"):
        told = narrow.post(CONFIRM, None, status=400, headers={"Prefer": "wait=20"})
    assert (told["status_code"], told["key"]) == ("ODOO", "")
    assert "confirmation" not in told["error"]


@pytest.mark.parametrize("fault", ["drop_after_commit", "hang_after_commit", "half_answer"])
def test_after_a_lost_answer_it_is_not_called_again_but_a_person_asked(order: Hub, api: Api, fault: str):
    Connection.objects.update(read_timeout=1)
    order.odoo.faults.arm(fault, method="action_confirm", seconds=2)
    api.post(CONFIRM, None, status=202)
    order.push("orders")
    order.push("orders")
    assert order.odoo.calls.count_of("sale.order", "action_confirm") == 1
    problem = Change.objects.latest("id")
    assert problem.state == "failed"
    assert "whether it was done there is not known" in problem.error
    assert (api.get("orders/O-1")["state"], states(order)) == ("sale", ["sale"])


def test_one_that_may_run_twice_is_called_again(order: Hub, api: Api):
    Action.objects.filter(name="confirm").update(repeatable=True, method="action_draft")
    registry.clear()
    order.odoo.faults.arm("drop_after_commit", method="action_draft")
    api.post(CONFIRM, None, status=202)
    order.push("orders")
    assert changes()[-1] == ("action", "pending")
    Change.objects.update(not_before="2020-01-01T00:00Z")
    order.push("orders")
    assert changes()[-1] == ("action", "applied")
    assert order.odoo.calls.count_of("sale.order", "action_draft") == 2


def test_where_odoo_hangs_one_action_is_left_to_a_person_and_the_others_wait(orders: Hub, api: Api):
    api.post("orders", [sample(orders, name) for name in ("O-1", "O-2", "O-3")])
    orders.push("orders")
    for name in ("O-1", "O-2", "O-3"):
        api.post(f"orders/{name}/actions/confirm", None, status=202)
    Connection.objects.update(read_timeout=1)
    orders.odoo.faults.arm("hang_after_commit", method="action_confirm", times=-1, seconds=2)
    orders.push("orders")
    assert orders.odoo.calls.count_of("sale.order", "action_confirm") == 1
    assert changes()[3:] == [("action", "failed"), ("action", "pending"), ("action", "pending")]
    assert "did not finish its answer" in Connection.objects.get().last_error
    orders.odoo.faults.clear()
    Change.objects.filter(state="pending").update(not_before="2020-01-01T00:00Z")
    orders.push("orders")
    assert changes()[4:] == [("action", "applied"), ("action", "applied")]
    assert orders.odoo.calls.count_of("sale.order", "action_confirm") == 3


def test_a_worker_that_died_in_the_call_leaves_it_to_a_person(order: Hub, api: Api):
    api.post(CONFIRM, None, status=202)
    Change.objects.filter(operation="action").update(sent=True)
    order.push("orders")
    assert states(order) == ["draft"]
    change = Change.objects.latest("id")
    assert (change.state, "not known" in change.error) == ("failed", True)
    decisions.retry([change.pk])
    order.push("orders")
    assert states(order) == ["sale"]


def test_what_odoo_cannot_put_into_its_answer_was_done(order: Hub, api: Api):
    order.odoo.faults.arm("cannot_marshal", method="action_confirm")
    api.post(CONFIRM, None, status=202)
    order.push("orders")
    assert changes()[-1] == ("action", "applied")
    assert states(order) == ["sale"]


def test_after_a_refused_change_it_is_not_called(order: Hub, api: Api):
    for method in ("write", "load"):
        order.odoo.faults.arm("no_right", times=-1, method=method)
    api.put("orders/O-1", {"note": "refused"})
    api.post(CONFIRM, None, status=202)
    order.push("orders")
    assert [state for _, state in changes()] == ["applied", "failed", "failed"]
    assert "a change of this record that came before it" in Change.objects.latest("id").error
    assert states(order) == ["draft"]


def test_what_was_refused_before_it_was_asked_for_is_no_obstacle_where_nothing_was_written(
    order: Hub, api: Api
):
    """A deletion, or another action: what comes next may be what has to be done about that."""
    [odoo_id] = order.odoo.execute("sale.order", "search", [("client_order_ref", "=", "O-1")])
    order.odoo.execute("sale.order", "action_confirm", [odoo_id])
    api.delete("orders/O-1")
    order.push("orders")
    assert "must first cancel it" in Change.objects.latest("id").error
    api.post("orders/O-1/actions/draft", None, status=202)
    order.push("orders")
    assert changes()[-1] == ("action", "applied")
    api.post(CONFIRM, None, status=202)
    order.push("orders")
    assert "not in a state requiring confirmation" in Change.objects.latest("id").error
    order.odoo.execute("sale.order", "write", [odoo_id], {"state": "draft"})
    api.post(CONFIRM, None, status=202)
    order.push("orders")
    assert states(order) == ["sale"]
    assert [state for _, state in changes()][-2:] == ["discarded", "applied"]


def test_an_action_of_a_record_that_was_refused_is_called_once_where_both_are_sent_again(
    orders: Hub, api: Api
):
    orders.odoo.faults.arm("no_right", method="load")
    api.post("orders", sample(orders, "O-1"))
    api.post("orders/O-1/actions/cancel", None, status=202)
    orders.push("orders")
    orders.push("orders")
    assert changes() == [("create", "failed"), ("action", "failed")]
    api.put("orders/O-1", {"note": "mended"})
    orders.push("orders")
    assert states(orders) == ["draft"]  # nobody has asked since it was told that it was not called
    api.post("orders/O-1/actions/cancel", None, status=202)
    orders.odoo.calls.clear()
    orders.push("orders")
    assert [call.method for call in orders.odoo.calls].count("action_cancel") == 1
    assert states(orders) == ["cancel"]
    assert api.ask("GET", "orders/O-1")["X-Sync-State"] == "synced"


def test_an_action_asked_for_before_another_was_refused_is_not_called(order: Hub, api: Api):
    order.odoo.faults.arm("no_right", method="action_confirm")
    api.post(CONFIRM, None, status=202)
    api.post("orders/O-1/actions/draft", None, status=202)
    order.push("orders")
    assert [state for _, state in changes()] == ["applied", "failed", "failed"]
    assert order.odoo.calls.count_of("sale.order", "action_draft") == 0
    for name in ("confirm", "draft"):
        api.post(f"orders/O-1/actions/{name}", None, status=202)
        order.push("orders")
    assert [state for _, state in changes()][1:] == ["discarded", "discarded", "applied", "applied"]
    assert api.ask("GET", "orders/O-1")["X-Sync-State"] == "synced"


def test_a_method_that_opens_a_dialog_instead_is_not_taken_for_done(order: Hub, api: Api):
    api.post(CONFIRM, None, status=202)
    api.post("orders/O-1/actions/cancel", None, status=202)
    order.push("orders")
    assert states(order) == ["sale"]
    assert changes()[-1] == ("action", "failed")
    assert "opens a dialog in Odoo (“Cancel Sales Order”)" in Change.objects.latest("id").error
    Endpoint.objects.update(mode="live")
    registry.clear()
    assert "opens a dialog" in api.post("orders/O-1/actions/cancel", None, status=400)["error"]


def test_under_a_key_it_is_called_once(order: Hub, api: Api):
    key = {"Idempotency-Key": "k"}
    first, again = (api.ask("POST", CONFIRM, headers=key) for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert again["Idempotency-Replayed"] == "true"
    api.post("orders/O-1/actions/note", None, headers=key, status=422)
    order.push("orders")
    assert order.odoo.calls.count_of("sale.order", "action_confirm") == 1


def test_it_may_depend_on_what_was_read(order: Hub, api: Api):
    known = api.ask("GET", "orders/O-1")["ETag"]
    api.put("orders/O-1", {"note": "newer"})
    api.post(CONFIRM, None, headers={"If-Match": known}, status=412)
    api.post(CONFIRM, None, headers={"If-Match": api.ask("GET", "orders/O-1")["ETag"]}, status=202)


def test_of_actions_and_changes_that_depend_on_one_state_exactly_one_is_accepted(orders: Hub, api: Api):
    api.post("orders", sample(orders, "O-1"))
    known = {"If-Match": api.ask("GET", "orders/O-1")["ETag"]}
    keyed = known | {"Idempotency-Key": "k"}
    acted = api.ask("POST", CONFIRM, headers=keyed)
    assert (acted.status_code, acted["ETag"]) == (202, api.ask("GET", "orders/O-1")["ETag"])
    api.post(CONFIRM, None, headers=known, status=412)
    api.put("orders/O-1", {"note": "as it was"}, headers=known, status=412)
    assert [operation for operation, _ in changes()] == ["create", "action"]
    # The same request once more has been answered, and has not changed what it depended on.
    assert api.ask("POST", CONFIRM, headers=keyed)["Idempotency-Replayed"] == "true"
    api.put("orders/O-1", {"note": "as it is"}, headers={"If-Match": acted["ETag"]})


def test_a_record_whose_name_looks_like_an_action_is_still_a_record(hub: Hub, api: Api):
    hub.partners()
    api.post("partners", {"customer_id": "A/actions/b", "name": "N"})
    assert api.get("partners/A/actions/b")["name"] == "N"
    api.put("partners/A/actions/b", {"name": "M"})
    api.delete("partners/A/actions/b")


# Live ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def live(order: Hub) -> Hub:
    Endpoint.objects.update(mode="live")
    registry.clear()
    return order


def test_live_it_is_called_at_once(live: Hub, api: Api):
    answer = api.ask("POST", CONFIRM)
    assert (answer.status_code, json.loads(answer.content)["reference"]) == (200, "O-1")
    assert states(live) == ["sale"]
    refused = api.post(CONFIRM, None, status=400)
    assert (refused["status_code"], refused["line_id"], refused["key"]) == ("ODOO", None, "")
    assert "Odoo refuses this" in refused["error"]
    assert changes() == [("create", "applied")]


def test_live_after_a_lost_answer_the_key_does_not_call_it_again(live: Hub, api: Api):
    key = {"Idempotency-Key": "k"}
    live.odoo.faults.arm("drop_after_commit", method="action_confirm")
    assert "not known" in api.post(CONFIRM, None, headers=key, status=502)["message"]
    assert "another key" in api.post(CONFIRM, None, headers=key, status=409)["message"]
    assert live.odoo.calls.count_of("sale.order", "action_confirm") == 1


def test_live_the_answer_is_the_record_also_where_odoo_does_not_tell_one_value_of_it(live: Hub, api: Api):
    live.odoo.odd.swell("sale.order", order_in_odoo(live, "O-1")["id"], "amount_untaxed")
    first, again = (api.ask("POST", CONFIRM, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    shown = json.loads(first.content)
    assert (first.status_code, shown["state"], shown["total"]) == (200, "sale", None)
    assert live.odoo.calls.count_of("sale.order", "action_confirm") == 1


def test_a_record_that_odoo_hides_or_has_lost_keeps_no_other_action_back_and_no_other_record_is_acted_upon(
    order: Hub, api: Api
):
    api.post("orders", [sample(order, "O-2"), sample(order, "O-3")])
    order.push("orders")
    order.odoo.odd.hide("sale.order", [order_in_odoo(order, "O-2")["id"]])
    lost = order_in_odoo(order, "O-3")["id"]
    with order.odoo._store.transaction(writes=True) as database:
        database.execute(
            "UPDATE sale_order SET client_order_ref = 'S', create_date = '2001-01-01 00:00:00' WHERE id = ?",
            [lost],
        )
    for name in ("O-1", "O-2", "O-3"):
        assert api.ask("POST", f"orders/{name}/actions/confirm").status_code == 202
    order.push("orders")
    said = {
        change.record.external_id: (change.state, change.error)
        for change in Change.objects.filter(operation="action").select_related("record")
    }
    # Whether the hidden one may be acted upon is Odoo's to say.
    assert [state for _, (state, _) in sorted(said.items())] == ["applied", "applied", "failed"]
    assert "Odoo has another record (“S”)" in said["O-3"][1]
    [stranger] = order.odoo.execute("sale.order", "read", [lost], ["state"])
    assert (states(order), stranger["state"]) == (["sale"], "draft")


def test_an_action_waits_where_odoo_no_longer_has_what_its_record_is_called_by(order: Hub, api: Api):
    """Whether it is still that record cannot be told: the fields are read anew first."""
    remember("sale.order", x_gone={"type": "char", "string": "Reference", "store": True})
    Line.objects.filter(mapping__endpoints__name="orders", key="reference").update(field="x_gone")
    registry.clear()
    assert api.ask("POST", CONFIRM).status_code == 202
    order.push("orders")
    assert changes()[-1] == ("action", "pending")
    assert states(order) == ["draft"]
