"""Parents before children: what names a record that is on its way to Odoo is accepted, and goes after it."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from endpoints import decisions, editing, outbox, registry
from endpoints.models import Change, Endpoint, Record
from mappings.clients import client_for
from mappings.models import Connection
from synchub.sync import edited
from tests.conftest import Hub
from tests.sync.batches import pushed_once
from tests.sync.test_push import due_now, post, put
from tests.sync.test_relations import URL, order_in_odoo, partner_ref, tagged_partners


def families(hub: Hub, **settings: Any) -> None:
    """Contacts that may belong to one another."""
    parent = hub.mapping("parent", "res.partner", {"customer_id": {"field": "ref", "identifier": True}})
    hub.endpoint(
        "partners",
        "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "name": {"field": "name", "required": True},
            "company": {"field": "parent_id", "nested": parent},
        },
        **settings,
    )


def customers_and_orders(hub: Hub) -> None:
    hub.partners()
    customer = hub.mapping("customer", "res.partner", {"customer_id": {"field": "ref", "identifier": True}})
    hub.endpoint(
        "orders",
        "sale.order",
        {
            "reference": {"field": "client_order_ref", "identifier": True},
            "customer": {"field": "partner_id", "nested": customer},
        },
    )


def test_an_order_waits_for_a_customer_that_goes_over_another_connection_to_the_same_database(hub: Hub):
    def customer_of(order: str) -> str:
        [found] = hub.odoo.execute(
            "sale.order", "search_read", [("client_order_ref", "=", order)], ["partner_id"]
        )
        [customer] = hub.odoo.execute("res.partner", "read", [found["partner_id"][0]], ["ref"])
        return str(customer["ref"])

    hub.partners()
    address = {"url": hub.odoo.url, "database": hub.odoo.database, "login": hub.odoo.login}
    hub.connection = Connection.objects.create(name="second", **address, secret=hub.odoo.password)
    customer = hub.mapping("customer", "res.partner", {"customer_id": {"field": "ref", "identifier": True}})
    lines = {
        "reference": {"field": "client_order_ref", "identifier": True},
        "customer": {"field": "partner_id", "nested": customer},
    }
    hub.endpoint("orders", "sale.order", lines)
    post({"customer_id": "C1", "name": "A"})
    assert (
        Client()
        .post(URL, {"reference": "O-1", "customer": "C1"}, content_type="application/json")
        .status_code
        == 201
    )
    hub.push("orders")
    waiting = Change.objects.get(record__external_id="O-1")
    assert (waiting.state, waiting.waits_for) == ("pending", Record.objects.get(external_id="C1").pk)
    hub.push("partners")
    hub.push("orders")
    assert customer_of("O-1") == "C1"
    # Of what was refused there Odoo is asked, which has another one of that name by now.
    hub.odoo.faults.arm("no_right", times=-1, model="res.partner")
    post({"customer_id": "C2", "name": "A"})
    hub.push("partners")
    hub.odoo.faults.clear()
    assert Record.objects.get(external_id="C2").state == "failed"
    hub.odoo.execute("res.partner", "create", {"ref": "C2", "name": "By hand"})
    answer = Client().post(URL, {"reference": "O-2", "customer": "C2"}, content_type="application/json")
    assert answer.status_code == 201
    hub.push("orders")
    assert customer_of("O-2") == "C2"


def parents_in_odoo(hub: Hub, *refs: str) -> dict[str, Any]:
    rows = hub.in_odoo(*refs, fields=("ref", "parent_id"))
    names = {row["id"]: row["ref"] for row in rows}
    return {row["ref"]: names.get(row["parent_id"]) for row in rows}


def test_records_of_one_array_may_name_each_other_in_any_order(hub: Hub):
    families(hub)
    post(
        [
            {"customer_id": "C3", "name": "Her assistant", "company": "C2"},
            {"customer_id": "C2", "name": "Somebody", "company": "C1"},
            {"customer_id": "C1", "name": "A company"},
        ]
    )
    hub.push()
    assert parents_in_odoo(hub, "C1", "C2", "C3") == {"C1": None, "C2": "C1", "C3": "C2"}
    assert not Change.objects.exclude(state="applied").exists()


def test_an_order_posted_right_after_its_customer_waits_until_he_is_in_odoo(hub: Hub):
    customers_and_orders(hub)
    post({"customer_id": "C1", "name": "New here"})
    post({"reference": "R1", "customer": "C1"}, URL)
    hub.push("orders")
    waiting = Change.objects.get(endpoint__name="orders")
    assert (waiting.state, waiting.attempts) == ("pending", 0)
    assert "Waits for a record of “partners”" in waiting.error
    hub.push("partners")
    hub.push("orders")  # at once: it is due again
    [partner] = hub.in_odoo("C1")
    assert order_in_odoo(hub, "R1")["partner_id"] == partner["id"]
    assert Change.objects.get(endpoint__name="orders").state == "applied"


@pytest.mark.parametrize("got_there", [False, True])
def test_a_record_goes_into_the_archive_though_what_was_written_to_it_waits_for_another(
    hub: Hub, got_there: bool
):
    """For one of an endpoint that is paused, which may not come for long. One that has come meanwhile is written first."""
    families(hub, on_delete="archive")
    named = {"customer_id": {"field": "ref", "identifier": True}, "name": "name"}
    hub.endpoint("others", "res.partner", named)
    post({"customer_id": "C1", "name": "A"})
    hub.push("partners")
    post({"customer_id": "C9", "name": "A company"}, URL.replace("orders", "others"))
    put("C1", {"company": "C9", "name": "B"})
    hub.push("partners")
    assert Change.objects.get(operation="update").waits_for is not None
    assert Client().delete("/bj_api_sync/v1/partners/C1").status_code == 200
    if got_there:
        hub.push("others")
    else:
        due_now()
        # What does not wait for that is written before.
        hub.push("partners")
        [waits] = Change.objects.filter(operation="update")
        assert (waits.state, list(waits.values)) == ("pending", ["parent_id"])
        due_now()
    hub.push("partners")
    [one] = hub.in_odoo("C1", fields=("active", "name"))
    assert (one["active"], one["name"]) == (False, "B")
    assert parents_in_odoo(hub, "C1", "C9") == ({"C1": "C9", "C9": None} if got_there else {"C1": None})
    assert not Change.objects.exclude(endpoint__name="others").exclude(state="applied").exists()


def test_an_order_may_name_its_customer_by_a_name_that_odoo_does_not_know_yet(hub: Hub):
    customers_and_orders(hub)
    post({"customer_id": "C1", "name": "A"})
    hub.push("partners")
    put("C1", {"customer_id": "C2"})
    post({"reference": "R1", "customer": "C2"}, URL)
    hub.push("orders")
    hub.push("partners")
    hub.push("orders")
    [partner] = hub.in_odoo("C2")
    assert order_in_odoo(hub, "R1")["partner_id"] == partner["id"]


def test_a_customer_whom_odoo_refused_is_named_by_what_waited_for_him(hub: Hub):
    customers_and_orders(hub)
    post({"customer_id": "C1", "name": "A", "tags": [4711]})
    post({"reference": "R1", "customer": "C1"}, URL)
    hub.push("orders")
    hub.push("partners")
    assert Record.objects.get(external_id="C1").state == "failed"
    hub.push("orders")
    refused = Change.objects.get(endpoint__name="orders")
    assert refused.state == "failed"
    assert "“C1” of “partners” is not in Odoo, since Odoo refused it" in refused.error


@pytest.mark.parametrize("pulled", [False, True])
def test_a_company_that_is_in_odoo_is_named_though_a_change_of_it_was_refused(hub: Hub, pulled: bool):
    families(hub)
    post({"customer_id": "C1", "name": "A company"})
    hub.push()
    put("C1", {"name": "Another name"})
    hub.odoo.faults.arm("no_right", method="write")
    hub.push()
    refused = Change.objects.get(operation="update")
    Change.objects.filter(pk=refused.pk).update(values={**refused.values, "ref": "C1"})  # as a person adds it
    if pulled:
        hub.pull()
    post({"customer_id": "C2", "name": "Somebody", "company": "C1"})
    hub.push()
    assert parents_in_odoo(hub, "C1", "C2") == {"C1": None, "C2": "C1"}


def test_a_name_given_up_is_given_up_in_odoo_before_another_record_takes_it(hub: Hub):
    """Countries may have each code but once."""
    hub.endpoint(
        "countries",
        "res.country",
        {"code": {"field": "code", "identifier": True}, "name": "name"},
        on_delete="unlink",
    )
    url = "/bj_api_sync/v1/countries"
    post([{"code": "QA", "name": "First"}, {"code": "QB", "name": "Second"}], url)
    hub.push("countries")
    Client().put(f"{url}/QA", {"code": "QC"}, content_type="application/json")
    post({"code": "QA", "name": "Third"}, url)
    Client().delete(f"{url}/QB")
    post({"code": "QB", "name": "Fourth"}, url)
    hub.push("countries")
    assert not Change.objects.exclude(state="applied").exists()
    rows = hub.odoo.execute(
        "res.country", "search_read", [("code", "in", ["QA", "QB", "QC"])], fields=["code", "name"]
    )
    assert {row["code"]: row["name"] for row in rows} == {"QA": "Third", "QB": "Fourth", "QC": "First"}


@pytest.mark.parametrize("together", [False, True])
def test_a_name_whose_giving_up_was_refused_is_not_taken_by_a_new_record(hub: Hub, together: bool):
    hub.partners()
    post({"customer_id": "A", "name": "Old"})
    hub.push()
    put("A", {"customer_id": "B", "tags": [4711]})
    if not together:
        hub.push()
        assert Change.objects.get(operation="update").state == "failed"
    post({"customer_id": "A", "name": "New"})
    hub.push()
    assert [row["name"] for row in hub.in_odoo("A", "B")] == ["Old"]
    new = Change.objects.get(record__external_id="A")
    assert (new.state, "is still called “A”" in new.error) == ("failed", True)
    renamed = Change.objects.get(operation="update")
    Change.objects.filter(pk=renamed.pk).update(values={"ref": "B"})  # as a person mends it
    decisions.retry([renamed.pk, new.pk])
    hub.push()
    assert [row["name"] for row in hub.in_odoo("A", "B")] == ["Old", "New"]


@pytest.mark.parametrize("first", ["giver", "taker"])
def test_a_name_whose_giving_up_was_refused_is_not_taken_by_a_record_that_is_there(hub: Hub, first: str):
    """Odoo itself would let both have it."""
    hub.partners()
    post([{"customer_id": one, "name": one} for one in (["A", "X"] if first == "giver" else ["X", "A"])])
    hub.push()
    put("A", {"customer_id": "B", "tags": [4711]})
    put("X", {"customer_id": "A"})
    hub.push()
    assert [row["name"] for row in hub.in_odoo("A")] == ["A"]
    taking = Change.objects.get(record__external_id="A", operation="update")
    assert (taking.state, "Odoo has another record" in taking.error) == ("failed", True)
    giving = Change.objects.get(record__external_id="B", operation="update")
    Change.objects.filter(pk=giving.pk).update(values={"ref": "B"})  # as a person mends it
    decisions.retry([giving.pk, taking.pk])
    hub.push()
    assert [
        (row["ref"], row["name"]) for row in sorted(hub.in_odoo("A", "B"), key=lambda row: row["ref"])
    ] == [
        ("A", "X"),
        ("B", "A"),
    ]


def test_names_go_along_a_row_of_records(hub: Hub):
    hub.partners()
    post([{"customer_id": f"C{number}", "name": f"N{number}"} for number in range(1, 5)])
    hub.push()
    for number in (4, 3, 2, 1):
        put(f"C{number}", {"customer_id": f"C{number + 1}"})
    hub.push()
    there = {row["ref"]: row["name"] for row in hub.in_odoo(*(f"C{number}" for number in range(1, 6)))}
    assert there == {f"C{number + 1}": f"N{number}" for number in range(1, 5)}
    assert not Change.objects.exclude(state="applied").exists()


def test_a_barcode_goes_to_a_product_that_was_written_before_the_other_gave_it_up(hub: Hub):
    """It is none of the names that the hub looks after; Odoo allows each but once."""
    lines = {"sku": {"field": "default_code", "identifier": True}, "name": "name", "barcode": "barcode"}
    hub.endpoint("products", "product.product", lines)
    url = "/bj_api_sync/v1/products"
    post([{"sku": f"S{number}", "name": "A", "barcode": f"471{number}"} for number in range(3)], url)
    hub.push("products")
    for number in range(3):
        body = {"barcode": f"471{number + 1}"}
        assert Client().put(f"{url}/S{number}", body, content_type="application/json").status_code == 200
    hub.push("products")
    assert not Change.objects.exclude(state="applied").exists()
    codes = [("default_code", "in", ["S0", "S1", "S2"])]
    rows = hub.odoo.execute("product.product", "search_read", codes, fields=["default_code", "barcode"])
    assert {row["default_code"]: row["barcode"] for row in rows} == {"S0": "4711", "S1": "4712", "S2": "4713"}


PRODUCTS = "/bj_api_sync/v1/products"


def products_with_barcodes(
    hub: Hub, barcodes: list[str], names: tuple[str, ...] = (), **options: Any
) -> None:
    """S0, S1 … take these; they have 4710, 4711 …; and each other's names, where they have some."""
    lines = {"sku": {"field": "default_code", "identifier": True}, "name": "name", "barcode": "barcode", "type": "type"}  # fmt: skip
    hub.endpoint("products", "product.product", lines, **options)
    called = names or ["A"] * len(barcodes)
    post(
        [
            {"sku": f"S{number}", "name": name, "barcode": f"471{number}"}
            for number, name in enumerate(called)
        ],
        PRODUCTS,
    )
    hub.push("products")
    for number, barcode in enumerate(barcodes):
        body = {"name": names[number - 1] if names else "B", "barcode": barcode}
        assert Client().put(f"{PRODUCTS}/S{number}", body, content_type="application/json").status_code == 200


def barcodes_in_odoo(hub: Hub) -> dict[str, tuple[str, str]]:
    rows = hub.odoo.execute(
        "product.product",
        "search_read",
        [("default_code", "like", "S_")],
        fields=["default_code", "barcode", "name"],
    )
    return {row["default_code"]: (row["barcode"], row["name"]) for row in rows}


@pytest.mark.parametrize(
    "taken", [["4711", "4710"], ["4711", "4712", "4710"], ["4711", "4710", "4713", "4712"]]
)
def test_barcodes_that_products_take_from_each_other_change_places(hub: Hub, taken: list[str]):
    products_with_barcodes(hub, taken)
    hub.push("products")
    assert barcodes_in_odoo(hub) == {f"S{number}": (barcode, "B") for number, barcode in enumerate(taken)}
    assert not Change.objects.exclude(state="applied").exists()


@pytest.mark.parametrize("which", [0, 1])
def test_where_one_of_them_is_refused_for_something_else_each_keeps_its_barcode(hub: Hub, which: int):
    products_with_barcodes(hub, ["4711", "4710"])
    change = Change.objects.get(state="pending", record__external_id=f"S{which}")
    change.values = {**change.values, "type": "nonsense"}
    change.save()
    hub.push("products")
    there = barcodes_in_odoo(hub)
    assert {sku: barcode for sku, (barcode, _) in there.items()} == {"S0": "4710", "S1": "4711"}
    assert set(Change.objects.filter(operation="update").values_list("state", flat=True)) == {"failed"}


def at_writes(hub: Hub, number: int, *faults: str) -> None:
    """What becomes of these writes of a single product, counted from 1: a swap is some of them."""
    odoo: dict[str, Any] = {"model": "product.product", "method": "write"}
    if number > 1:
        hub.odoo.faults.arm("slow", number - 1, seconds=0, **odoo)
    for fault in faults:
        hub.odoo.faults.arm(fault, **odoo)


@pytest.mark.parametrize(
    ("rule", "number", "fault"),
    [
        ("odoo", 1, "drop_after_commit"),
        ("ask", 1, "drop_after_commit"),
        ("odoo", 1, "drop_before"),
        ("odoo", 2, "drop_before"),
        ("odoo", 2, "serialization"),
        ("odoo", 3, "drop_after_commit"),
    ],
)
def test_barcodes_change_places_though_odoo_was_away_in_between(hub: Hub, rule: str, number: int, fault: str):
    """Whatever was done of it by then: that one of them is without its barcode is nobody's edit."""
    products_with_barcodes(hub, ["4711", "4710"], conflicts=rule)
    at_writes(hub, number, fault)
    hub.push("products")
    assert not hub.odoo.faults.listed()
    due_now()
    hub.push("products")
    assert barcodes_in_odoo(hub) == {"S0": ("4711", "B"), "S1": ("4710", "B")}
    assert not Change.objects.exclude(state="applied").exists()
    assert [Client().get(f"{PRODUCTS}/S{n}").json()["barcode"] for n in range(2)] == ["4711", "4710"]


@pytest.mark.usefixtures("same_configuration")
def test_several_products_that_were_left_without_a_barcode_are_asked_about_at_once(hub: Hub):
    """Whether the hub itself has emptied them, as it does for a swap: the ones that take them go in another batch."""
    products_with_barcodes(hub, ["4711", "4710", "4713", "4712"])
    Change.objects.filter(operation="update").update(sent=True)
    asked, products = [], registry.get("products")
    registry.writers_of_database(products.connection_id, "product.product")  # known from then on
    for skus in (["S0"], ["S0", "S2"]):
        hub.odoo.execute(
            "product.product",
            "write",
            hub.odoo.execute("product.product", "search", [("default_code", "in", skus)]),
            {"barcode": False},
        )
        records = Record.objects.filter(external_id__in=("S0", "S2")).values_list("pk", flat=True)
        claims = outbox.still_open(list(records))
        with client_for(Connection.objects.get()) as client, CaptureQueriesContext(connection) as queries:
            edited.compare(products, client, claims)
        assert [claim.lost for claim in claims] == [set(), set()]
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_a_barcode_that_could_not_be_put_back_is_not_forgotten(hub: Hub):
    """The other one is refused, and Odoo goes away: what was to change places does so when that is sent again."""
    products_with_barcodes(hub, ["4711", "4710"])
    at_writes(hub, 2, "no_right", "drop_before")
    hub.push("products")
    [refused] = Change.objects.filter(state="failed")
    assert not hub.odoo.faults.listed()
    decisions.retry([refused.pk])
    due_now()
    hub.push("products")
    assert barcodes_in_odoo(hub) == {"S0": ("4711", "B"), "S1": ("4710", "B")}
    assert not Change.objects.exclude(state="applied").exists()


def test_a_product_that_is_left_without_a_barcode_says_so_and_gets_it_when_it_is_sent_again(hub: Hub):
    """Of three the second one has taken the first one's, and Odoo refuses the third: there is no way back."""
    products_with_barcodes(hub, ["4711", "4712", "4710"])
    at_writes(hub, 3, "no_right")
    hub.push("products")
    there = {sku: barcode for sku, (barcode, _) in barcodes_in_odoo(hub).items()}
    [without] = [sku for sku, barcode in there.items() if not barcode]
    failed = Change.objects.filter(state="failed")
    assert failed.count() == 2
    said = failed.get(record__external_id=without).error
    assert said.startswith("“barcode” is empty in Odoo: “471")
    assert "already assigned" in said
    assert Client().get(f"{PRODUCTS}/{without}").json()["barcode"] is None
    decisions.retry([change.pk for change in failed])
    hub.push("products")
    assert barcodes_in_odoo(hub) == {"S0": ("4711", "B"), "S1": ("4712", "B"), "S2": ("4710", "B")}
    assert not Change.objects.exclude(state="applied").exists()


def test_barcodes_change_places_with_the_names_that_odoo_calls_the_products_by(hub: Hub):
    """It says who has a barcode by its name, which cannot be given up."""
    products_with_barcodes(hub, ["4711", "4710"], names=("Chair", "Table"))
    hub.push("products")
    assert barcodes_in_odoo(hub) == {"S0": ("4711", "Table"), "S1": ("4710", "Chair")}
    assert not Change.objects.exclude(state="applied").exists()


# Other names ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("taken", [True, False])
def test_an_order_goes_to_the_customer_who_had_that_name_when_it_came(hub: Hub, there: bool, taken: bool):
    customers_and_orders(hub)
    post({"customer_id": "C1", "name": "First"})
    if there:
        hub.push("partners")
    post({"reference": "R1", "customer": "C1"}, URL)
    put("C1", {"customer_id": "C2"})
    if taken:
        post({"customer_id": "C1", "name": "Second"})
    hub.push("partners")
    hub.push("orders")
    [first] = hub.in_odoo("C2")
    assert (first["name"], order_in_odoo(hub, "R1")["partner_id"]) == ("First", first["id"])
    assert not Change.objects.exclude(state="applied").exists()


def customers_by_email_and_orders_by_number(hub: Hub) -> None:
    customers_and_orders(hub)
    lines = {"email": {"field": "email", "identifier": True}, "name": "name", "number": "ref"}
    hub.endpoint("people", "res.partner", lines)
    people = [{"email": f"{one}@example.com", "name": one, "number": one} for one in ("A", "B")]
    post(people, "/bj_api_sync/v1/people")
    hub.push("people")


def numbered(name: str, number: str) -> None:
    address = f"/bj_api_sync/v1/people/{name}@example.com"
    assert Client().put(address, {"number": number}, content_type="application/json").status_code == 200


def test_an_order_goes_to_the_customer_who_had_that_number_though_it_is_not_what_he_is_named_by(hub: Hub):
    customers_by_email_and_orders_by_number(hub)
    post({"reference": "R1", "customer": "A"}, URL)
    numbered("A", "C")
    numbered("B", "A")
    hub.push("people")
    hub.push("orders")
    assert order_in_odoo(hub, "R1")["partner_id"] == hub.in_odoo("C")[0]["id"]
    assert not Change.objects.exclude(state="applied").exists()


@pytest.mark.parametrize("first", ["people", "orders"])
def test_an_order_goes_to_the_customer_who_has_been_given_that_number_before_odoo_has_heard_of_it(
    hub: Hub, first: str
):
    customers_by_email_and_orders_by_number(hub)
    numbered("A", "C")
    numbered("B", "A")
    new = {"email": "D@example.com", "name": "D", "number": "D"}
    post(new, "/bj_api_sync/v1/people")
    post([{"reference": f"R{one}", "customer": one} for one in "ACD"], URL)
    for name in (first, "people", "orders"):
        hub.push(name)
    assert not Change.objects.exclude(state="applied").exists()
    names = {row["id"]: row["name"] for row in hub.in_odoo("A", "C", "D")}
    assert {one: names[order_in_odoo(hub, f"R{one}")["partner_id"]] for one in "ACD"} == {
        "A": "B",
        "C": "A",
        "D": "D",
    }


def test_an_order_for_a_number_that_two_had_goes_to_the_one_who_kept_it(hub: Hub):
    customers_by_email_and_orders_by_number(hub)
    post({"reference": "R1", "customer": "A"}, URL)
    numbered("B", "A")
    numbered("A", "C")
    hub.push("people")
    hub.push("orders")
    assert order_in_odoo(hub, "R1")["partner_id"] == hub.in_odoo("A")[0]["id"]


def test_an_order_goes_to_a_customer_whose_new_name_odoo_refuses(hub: Hub):
    customers_and_orders(hub)
    post({"customer_id": "C1", "name": "First"})
    hub.push("partners")
    post({"reference": "R1", "customer": "C1"}, URL)
    put("C1", {"customer_id": "C2", "tags": [4711]})
    hub.push("partners")
    assert Record.objects.get(external_id="C2").state == "failed"
    hub.push("orders")
    assert order_in_odoo(hub, "R1")["partner_id"] == hub.in_odoo("C1")[0]["id"]


def test_an_order_goes_to_a_refused_customer_who_got_another_name_from_a_person(hub: Hub):
    customers_and_orders(hub)
    post({"customer_id": "C1", "name": "A", "tags": [4711]})
    post({"reference": "R1", "customer": {"customer_id": "C1"}}, URL)
    hub.push("partners")
    hub.push("orders")
    refused = {one.record.external_id: one.pk for one in Change.objects.filter(state="failed")}
    assert editing.edit(refused["C1"], {"customer_id": "C2", "name": "A", "tags": []}, "somebody")
    waited = Change.objects.get(pk=refused["R1"])
    shown = editing.shown(registry.get("orders").mapping, waited)
    assert shown["customer"] == {"customer_id": "C2"}
    decisions.retry([waited.pk])
    hub.push("partners")
    hub.push("orders")
    assert order_in_odoo(hub, "R1")["partner_id"] == hub.in_odoo("C2")[0]["id"]


def test_lines_name_the_products_that_had_these_names_when_they_came(hub: Hub):
    hub.orders()
    hub.endpoint(
        "articles", "product.product", {"sku": {"field": "default_code", "identifier": True}, "name": "name"}
    )
    articles = URL.replace("orders", "articles")
    post([{"sku": "A", "name": "A"}, {"sku": "B", "name": "B"}], articles)
    hub.push("articles")
    lines = [{"number": number, "product": sku, "quantity": 1} for number, sku in ((1, "A"), (2, "B"))]
    post({"reference": "R1", "partner": partner_ref(hub), "lines": lines}, URL)
    for old, new in (("A", "C"), ("B", "A")):
        answer = Client().put(f"{articles}/{old}", {"sku": new}, content_type="application/json")
        assert answer.status_code == 200
    hub.push("articles")
    hub.push("orders")
    made = [line["product_id"] for line in order_in_odoo(hub, "R1")["lines"]]
    rows = hub.odoo.execute("product.product", "read", made, ["default_code", "name"])
    assert [(row["default_code"], row["name"]) for row in rows] == [("C", "A"), ("A", "B")]


def test_what_is_added_and_removed_is_what_had_these_names_when_that_came(hub: Hub):
    tagged_partners(hub)
    hub.endpoint("tags", "res.partner.category", {"name": {"field": "name", "identifier": True}})
    tags = URL.replace("orders", "tags")
    post([{"name": name} for name in ("one", "two")], tags)
    hub.push("tags")
    post({"customer_id": "X1", "name": "A", "tags": ["one"]})
    hub.push()
    put("X1", {"tags": {"add": ["two"], "remove": ["one"]}})
    for old, new in (("one", "three"), ("two", "one")):
        answer = Client().put(f"{tags}/{old}", {"name": new}, content_type="application/json")
        assert answer.status_code == 200
    hub.push("tags")
    hub.push()
    [partner] = hub.in_odoo("X1", fields=("category_id",))
    rows = hub.odoo.execute("res.partner.category", "read", partner["category_id"], ["name"])
    assert [row["name"] for row in rows] == ["one"]


# Rings ---------------------------------------------------------------------------------------------------------


def products(hub: Hub, **options: Any) -> None:
    """Products that may be offered with one another."""
    other = hub.mapping("other", "product.template", {"sku": {"field": "default_code", "identifier": True}})
    hub.endpoint(
        "products",
        "product.template",
        {
            "sku": {"field": "default_code", "identifier": True},
            "name": {"field": "name", "required": True},
            "with": {"field": "optional_product_ids", "nested": other, **options},
        },
    )


def offered(hub: Hub) -> dict[str, list[str]]:
    rows = hub.odoo.execute(
        "product.template",
        "search_read",
        [("default_code", "in", ["A", "B", "C"])],
        fields=["default_code", "optional_product_ids"],
    )
    names = {row["id"]: row["default_code"] for row in rows}
    return {row["default_code"]: [names[one] for one in row["optional_product_ids"]] for row in rows}


PRODUCTS = URL.replace("orders", "products")
TWO = [{"sku": "A", "name": "A", "with": ["B"]}, {"sku": "B", "name": "B", "with": ["A"]}]
THREE = [TWO[0], {"sku": "B", "name": "B", "with": ["C"]}, {"sku": "C", "name": "C", "with": ["A"]}]


def test_two_records_that_name_each_other_get_to_odoo_and_are_named_there(hub: Hub):
    products(hub)
    post(TWO, PRODUCTS)
    hub.push("products")
    assert offered(hub) == {"A": ["B"], "B": ["A"]}
    assert not Change.objects.exclude(state="applied").exists()
    assert set(Record.objects.values_list("state", flat=True)) == {"synced"}


@pytest.mark.parametrize("times", [1, 2])
def test_a_ring_is_made_once_though_answers_are_lost(hub: Hub, times: int):
    products(hub)
    post(TWO, PRODUCTS)
    hub.odoo.faults.arm("drop_after_commit", method="load", times=times)
    for _ in range(5):
        hub.push("products")
        due_now()
    assert hub.odoo.execute("product.template", "search_count", [("default_code", "in", ["A", "B"])]) == 2
    assert offered(hub) == {"A": ["B"], "B": ["A"]}
    assert not Change.objects.exclude(state="applied").exists()


def test_a_longer_ring_gets_to_odoo_as_well(hub: Hub):
    products(hub)
    post(THREE, PRODUCTS)
    hub.push("products")
    assert offered(hub) == {"A": ["B"], "B": ["C"], "C": ["A"]}
    assert not Change.objects.exclude(state="applied").exists()


def change(name: str, body: Any) -> None:
    assert Client().put(f"{PRODUCTS}/{name}", body, content_type="application/json").status_code == 200


@pytest.mark.parametrize("conflicts", ["odoo", "hub", "ask"])
def test_what_somebody_changes_in_odoo_between_two_steps_of_a_ring_stays(hub: Hub, conflicts: str):
    products(hub)
    Endpoint.objects.update(conflicts=conflicts)
    post(TWO, PRODUCTS)
    pushed_once(hub, "products")
    assert offered(hub) == {"A": [], "B": []}
    [made] = hub.odoo.execute("product.template", "search", [("default_code", "=", "A")])
    hub.odoo.execute("product.template", "write", [made], {"name": "somebody's"})
    hub.push("products")
    assert offered(hub) == {"A": ["B"], "B": ["A"]}
    assert Client().get(f"{PRODUCTS}/A").json()["name"] == "somebody's"
    assert set(Record.objects.values_list("state", flat=True)) == {"synced"}


def test_a_write_of_a_record_whose_ring_was_refused_goes_its_own_way(hub: Hub):
    families(hub)
    post([{"customer_id": one, "name": one, "company": other} for one, other in ("AB", "BA")])
    hub.push()
    refused = Change.objects.get(state="failed")
    name = Record.objects.get(pk=refused.record_id).external_id or ""
    put(name, {"name": "another"})
    hub.push()
    [partner] = hub.in_odoo(name)
    assert partner["name"] == "another"
    refused.refresh_from_db()
    assert (refused.state, list(refused.values)) == ("failed", ["parent_id"])


def test_nothing_of_a_ring_stays_refused_once_all_of_it_was_written_again(hub: Hub):
    """The record was created by one write, and named the other by a second."""
    families(hub)
    post([{"customer_id": one, "name": one} for one in "AB"])
    for one, other in ("AB", "BA"):
        put(one, {"company": other})
    hub.push()
    refused = Change.objects.get(state="failed")
    assert list(refused.values) == ["parent_id"]
    put(Record.objects.get(pk=refused.record_id).external_id or "", {"company": None})
    hub.push()
    assert set(Record.objects.values_list("state", flat=True)) == {"synced"}


@pytest.mark.parametrize("options", [{}, {"on_missing": "create"}])
def test_a_record_may_name_itself(hub: Hub, options: dict[str, Any]):
    products(hub, **options)
    post({"sku": "A", "name": "A", "with": ["A"]}, PRODUCTS)
    hub.push("products")
    assert offered(hub) == {"A": ["A"]}
    change("A", {"sku": "C", "with": ["C"]})
    hub.push("products")
    assert offered(hub) == {"C": ["C"]}
    assert set(Record.objects.values_list("state", flat=True)) == {"synced"}


def test_a_record_that_cannot_be_made_without_naming_itself_is_refused(hub: Hub):
    products(hub, required=True)
    post({"sku": "A", "name": "A", "with": ["A"]}, PRODUCTS)
    hub.push("products")
    assert "“A” → “A”. Send one of them without" in Record.objects.get().problem
    assert offered(hub) == {}


def test_records_that_get_other_names_may_name_each_other_by_these(hub: Hub):
    products(hub, required=True)
    post([{"sku": one, "name": one, "with": ["FURN_0001"]} for one in ("D", "E")], PRODUCTS)
    hub.push("products")
    change("D", {"sku": "A"})
    change("E", {"sku": "B", "with": ["A"]})
    change("A", {"with": ["B"]})
    hub.push("products")
    assert offered(hub) == {"A": ["B"], "B": ["A"]}
    assert set(Record.objects.values_list("state", flat=True)) == {"synced"}


def test_records_of_two_endpoints_may_name_each_other(hub: Hub):
    tag = hub.mapping("tag", "res.partner.category", {"name": {"field": "name", "identifier": True}})
    person = hub.mapping("person", "res.partner", {"ref": {"field": "ref", "identifier": True}})
    hub.endpoint(
        "partners",
        "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "name": "name",
            "tags": {"field": "category_id", "nested": tag},
        },
    )
    hub.endpoint(
        "tags",
        "res.partner.category",
        {
            "name": {"field": "name", "identifier": True},
            "members": {"field": "partner_ids", "nested": person},
        },
    )
    post({"customer_id": "P", "name": "P"})
    post({"name": "T", "members": ["P"]}, URL.replace("orders", "tags"))
    put("P", {"tags": ["T"]})
    for endpoint in ("tags", "partners", "tags", "partners"):
        hub.push(endpoint)
    assert not Change.objects.exclude(state="applied").exists()
    [partner] = hub.in_odoo("P", fields=("category_id",))
    [named] = hub.odoo.execute(
        "res.partner.category", "search_read", [("id", "in", partner["category_id"])], fields=["name"]
    )
    assert named["name"] == "T"


def test_a_ring_that_odoo_does_not_allow_is_refused_by_odoo(hub: Hub):
    families(hub)
    post([{"customer_id": one, "name": one, "company": other} for one, other in ("AB", "BA")])
    hub.push()
    refused = Change.objects.get(state="failed")
    assert "recursive" in refused.error
    name = Record.objects.get(pk=refused.record_id).external_id or ""
    put(name, {"company": None})
    hub.push()
    assert parents_in_odoo(hub, "A", "B") == ({"A": None, "B": "A"} if name == "A" else {"A": "B", "B": None})
    assert set(Record.objects.values_list("state", flat=True)) == {"synced"}


def test_a_ring_in_which_none_can_do_without_is_refused_and_named(hub: Hub):
    products(hub, required=True)
    post(THREE, PRODUCTS)
    hub.push("products")
    errors = dict(Change.objects.values_list("record__external_id", "error"))
    assert set(Change.objects.values_list("state", flat=True)) == {"failed"}
    assert "“with”: these records name each other" in errors["B"]
    assert "“B” → “C” → “A” → “B”. Send one of them without" in errors["B"]
    assert offered(hub) == {}
