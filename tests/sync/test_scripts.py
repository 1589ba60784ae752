"""Lines whose value a script makes, from the request to Odoo and back."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from endpoints.models import Change, Record
from mappings.models import Line
from tests.conftest import Hub
from tests.sync.test_push import due_now, post
from tests.sync.test_relations import partner_ref

URL = "/bj_api_sync/v1/partners"
PLAIN = {"customer_id": {"field": "ref", "identifier": True}, "name": "name"}


def script(source: str, **options: Any) -> dict[str, Any]:
    return {"kind": "script", "script": source, **options}


def put(name: str, body: Any) -> Any:
    return Client().put(f"{URL}/{name}", body, content_type="application/json")


def partners(hub: Hub, **lines: Any) -> None:
    hub.endpoint("partners", "res.partner", {**PLAIN, **lines})


def test_a_script_makes_the_value_that_goes_to_odoo(hub: Hub):
    phone = script('(request_data.get("phone") or "").replace(" ", "")', field="phone", direction="to_odoo")
    partners(hub, phone=phone)
    post({"customer_id": "X1", "name": "A", "phone": "+32 2 123 45"})
    hub.push()
    assert hub.in_odoo("X1", fields=("phone",))[0]["phone"] == "+32212345"
    assert put("X1", {"name": "B"}).status_code == 200
    hub.push()
    assert hub.in_odoo("X1", fields=("phone",))[0]["phone"] == "+32212345"
    assert put("X1", {"phone": "1 2"}).status_code == 200
    hub.push()
    assert hub.in_odoo("X1", fields=("phone",))[0]["phone"] == "12"


def test_a_record_that_is_on_its_way_can_be_changed_through_a_script(hub: Hub):
    source = '(record.phone or "none") + " and " + request_data["phone"]'
    partners(hub, phone=script(source, field="phone", direction="to_odoo"))
    post({"customer_id": "X1", "name": "A", "phone": "1"})
    assert put("X1", {"phone": "2"}).status_code == 200  # it has no id yet: `record` is empty
    hub.push()
    assert hub.in_odoo("X1", fields=("phone",))[0]["phone"] == "none and 2"
    assert put("X1", {"phone": "3"}).status_code == 200
    hub.push()
    assert hub.in_odoo("X1", fields=("phone",))[0]["phone"] == "none and 2 and 3"


@pytest.mark.parametrize("mode", ["evaluate", "execute"])
def test_a_script_sees_a_dotted_key_as_objects_however_it_was_sent(hub: Hub, mode: str):
    made = 'request_data["contact"]["phone"]'
    source = made if mode == "evaluate" else f'record.write({{"phone": {made}}})'
    phone = script(source, field="phone", direction="to_odoo", script_mode=mode)
    partners(hub, **{"contact.phone": phone, "contact.city": "city"})
    post({"customer_id": "X1", "name": "A", "contact": {"city": "Gent"}, "contact.phone": "1"})
    hub.push()
    assert hub.in_odoo("X1", fields=("phone",))[0]["phone"] == "1"
    for sent, number in (({"contact": {"phone": "2"}}, "2"), ({"contact.phone": "3"}, "3")):
        assert put("X1", sent).status_code == 200
        hub.push()
        assert hub.in_odoo("X1", fields=("phone",))[0]["phone"] == number


def test_a_script_makes_the_json_that_comes_from_odoo(hub: Hub):
    where = script(
        '{"country": record.country_id.code, "children": record.child_ids.mapped("name")}',
        field="country_id",
        direction="from_odoo",
    )
    partners(hub, where=where)
    [belgium] = hub.odoo.execute("res.country", "search", [("code", "=", "BE")])
    children = [[0, 0, {"name": "C1"}], [0, 0, {"name": "C2"}]]
    hub.odoo.execute(
        "res.partner", "create", {"ref": "X1", "name": "A", "country_id": belgium, "child_ids": children}
    )
    hub.pull()
    shown = Client().get(f"{URL}/X1").json()["where"]
    assert (shown["country"], sorted(shown["children"])) == ("BE", ["C1", "C2"])


def test_a_page_with_scripts_that_follow_relations_costs_no_call_per_record(hub: Hub):
    partners(hub, country=script("record.country_id.name", field="country_id", direction="from_odoo"))
    hub.pull()  # logs in
    costs = []
    for count in (5, 50):
        hub.odoo.execute(
            "res.partner",
            "create",
            [{"ref": f"S{count}-{n}", "name": "A", "country_id": n % 40 + 1} for n in range(count)],
        )
        hub.odoo.calls.clear()
        hub.pull()
        costs.append(hub.odoo.calls.counts())
    assert costs[0] == costs[1]


def test_a_relation_can_be_written_by_commands(hub: Hub):
    tag = script(
        'tags = env["res.partner.category"].search([("name", "=", request_data["segment"])])\n'
        "[Command.set(tags.ids)]",
        field="category_id",
        direction="to_odoo",
    )
    partners(hub, segment=tag)
    [made] = hub.odoo.execute("res.partner.category", "create", [{"name": "Gold customers"}])
    post({"customer_id": "X1", "name": "A", "segment": "Gold customers"})
    hub.push()
    assert hub.in_odoo("X1", fields=("category_id",))[0]["category_id"] == [made]


CONTACTS = '[Command.create({"name": name}) for name in (request_data.get("contacts") or [])]'


def contacts(hub: Hub) -> list[str]:
    found = hub.odoo.execute("res.partner", "search_read", [("parent_id.ref", "=", "X1")], fields=["name"])
    return sorted(one["name"] for one in found)


@pytest.mark.parametrize("method", ["create", "write"])
@pytest.mark.parametrize("first", ["", "[Command.clear()] + "])
def test_what_a_script_creates_is_there_once_where_the_answer_got_lost(hub: Hub, method: str, first: str):
    partners(hub, contacts=script(first + CONTACTS, field="child_ids", direction="to_odoo"))
    body = {"contacts": ["k1", "k2"]}
    if method == "create":
        post({"customer_id": "X1", "name": "A", **body})
    else:
        post({"customer_id": "X1", "name": "A"})
        hub.push()
        put("X1", body)
    hub.odoo.faults.arm("drop_after_commit", model="res.partner", method=method)
    hub.push()
    assert Change.objects.filter(state="pending", sent=True).exists()
    due_now()
    hub.push()
    assert contacts(hub) == ["k1", "k2"]
    named = hub.odoo.execute("res.partner", "search_count", [("name", "in", ["k1", "k2"])])
    assert (named, Record.objects.get().state) == (2, "synced")
    put("X1", body)
    hub.push()
    assert contacts(hub) == (["k1", "k2"] if first else ["k1", "k1", "k2", "k2"])


def test_what_scripts_create_in_several_writes_before_a_push_is_all_there(hub: Hub):
    partners(hub, contacts=script(CONTACTS, field="child_ids", direction="to_odoo"))
    post({"customer_id": "X1", "name": "A"})
    hub.push()
    for name in ("k1", "k2", "k3"):
        put("X1", {"contacts": [name]})
    hub.odoo.faults.arm("drop_after_commit", model="res.partner", method="write")
    hub.push()
    put("X1", {"contacts": ["k4"]})
    due_now()
    hub.push()
    assert contacts(hub) == ["k1", "k2", "k3", "k4"]


@pytest.mark.parametrize(
    ("source", "code", "text"),
    [
        ('raise UserError("No mail, no partner")', "SCRIPT", "No mail, no partner"),
        ('request_data["nowhere"]', "SCRIPT", "Line 1"),
        ("while True:\n    pass\n1", "SCRIPT", "runs longer than"),
        ("17", "TYPE", "a text is expected"),
        ('"\\x00"', "SCRIPT", "U+0000"),
    ],
)
def test_a_script_that_fails_names_its_line_of_the_mapping(hub: Hub, source: str, code: str, text: str):
    partners(hub, mail=script(source, field="email", direction="to_odoo"))
    answer = Client().post(
        URL, {"customer_id": "X1", "name": "A", "mail": "x"}, content_type="application/json"
    )
    told = answer.json()
    assert (answer.status_code, told["key"], told["status_code"]) == (400, "mail", code)
    assert text in told["error"]
    assert told["line_id"] == Line.objects.get(key="mail").pk
    assert not Record.objects.exists()


def test_one_record_of_a_page_whose_script_fails_says_so_and_stops_nobody(hub: Hub):
    partners(hub, size=script("10 / len(record.name)", field="name", direction="from_odoo"))
    partners_in_odoo = [{"ref": "S1", "name": "ab"}, {"ref": "S2", "name": "abcd"}]
    hub.odoo.execute("res.partner", "create", partners_in_odoo)
    Line.objects.filter(key="size").update(
        script='10 / (len(record.name) - (2 if record.ref == "S1" else 0))'
    )
    from endpoints import registry

    registry.clear()
    hub.pull()
    assert Client().get(f"{URL}/S2").json()["size"] == 2.5
    assert Client().get(f"{URL}/S1").json()["size"] is None
    assert "“size”" in Record.objects.get(external_id="S1").problem
    assert Client().get(f"{URL}/{partner_ref(hub)}").status_code == 200


def test_a_script_that_executes_runs_when_the_change_is_pushed(hub: Hub):
    shout = script(
        'record.write({"comment": "sent by " + request_data["shop"]})',
        field="comment",
        direction="to_odoo",
        script_mode="execute",
    )
    partners(hub, shop=shout)
    post({"customer_id": "X1", "name": "A", "shop": "Gent"})
    assert hub.in_odoo("X1") == []
    hub.push()
    assert "sent by Gent" in hub.in_odoo("X1", fields=("comment",))[0]["comment"]
    assert Change.objects.get().state == "applied"


def test_a_script_that_fails_after_the_write_leaves_one_record_and_runs_again(hub: Hub):
    partners(
        hub,
        shop=script(
            'if not env["res.partner"].search([("name", "=", "Needed")]):\n    raise UserError("Needed is missing")\n'
            'record.write({"comment": "done"})',
            field="comment",
            direction="to_odoo",
            script_mode="execute",
        ),
    )
    post({"customer_id": "X1", "name": "A", "shop": "x"})
    hub.push()
    change = Change.objects.get()
    assert (change.state, len(hub.in_odoo("X1"))) == ("failed", 1)
    assert "Needed is missing" in change.error
    hub.odoo.execute("res.partner", "create", {"name": "Needed"})

    from endpoints import decisions

    decisions.retry([change.pk])
    due_now()
    hub.push()
    assert Change.objects.get().state == "applied"
    [partner] = hub.in_odoo("X1", fields=("comment",))
    assert "done" in partner["comment"]


def test_a_live_record_whose_script_fails_says_so_in_the_log(hub: Hub, caplog: pytest.LogCaptureFixture):
    size = script("10 / (len(record.name) - 2)", field="name", direction="from_odoo")
    hub.endpoint("partners", "res.partner", {**PLAIN, "size": size}, mode="live")
    hub.odoo.execute("res.partner", "create", [{"ref": "S1", "name": "ab"}, {"ref": "S2", "name": "abcd"}])
    assert Client().get(f"{URL}/S2").json()["size"] == 5
    assert not caplog.records
    assert Client().get(f"{URL}/S1").json()["size"] is None
    assert "Of “partners” null is shown: “size”: Line 1 of the script" in caplog.text


def test_live_mode_runs_the_same_scripts(hub: Hub):
    hub.endpoint(
        "partners",
        "res.partner",
        {
            **PLAIN,
            "phone": script('request_data["phone"].strip()', field="phone", direction="to_odoo"),
            "loud": script("record.name.upper()", field="name", direction="from_odoo"),
        },
        mode="live",
    )
    answer = Client().post(
        URL, {"customer_id": "X1", "name": "abc", "phone": " 12 "}, content_type="application/json"
    )
    assert answer.status_code == 201
    assert answer.json()["loud"] == "ABC"
    assert hub.in_odoo("X1", fields=("phone",))[0]["phone"] == "12"


def test_a_live_write_whose_script_is_refused_afterwards_says_what_is_in_odoo_already(hub: Hub):
    check = script('raise UserError("not today")', field="phone", direction="to_odoo", script_mode="execute")
    hub.endpoint("partners", "res.partner", {**PLAIN, "check": check}, mode="live")
    rest = "The rest of what was sent is in Odoo already: send what is missing as a change."
    made = Client().post(URL, {"customer_id": "X1", "name": "abc"}, content_type="application/json")
    assert made.status_code == 400
    assert made.json()["error"].endswith(rest)
    assert [one["name"] for one in hub.in_odoo("X1")] == ["abc"]
    assert put("X1", {"name": "abcd"}).json()["error"].endswith(rest)
    assert [one["name"] for one in hub.in_odoo("X1")] == ["abcd"]
    unchanged = put("X1", {"name": "abcd"})
    assert unchanged.status_code == 400
    assert rest not in unchanged.json()["error"]


@pytest.mark.parametrize(
    ("source", "examples", "field"),
    [
        ("1 +", [], "script"),
        ("import os", [], "script"),
        ('request_data["a"]', [{"request_data": {"a": "x"}, "expected": "y"}], "script_examples"),
        ("", [], "script"),
    ],
)
def test_a_script_that_cannot_work_or_whose_examples_fail_is_not_saved(
    hub: Hub, source: str, examples: list[Any], field: str
):
    with pytest.raises(ValidationError) as refused:
        partners(hub, mail=script(source, field="email", direction="to_odoo", script_examples=examples))
    assert field in refused.value.message_dict
