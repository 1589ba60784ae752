"""Lines that name a language: names in French beside those in English, both ways.

Against the practice Odoo, and where `ODOO_TEST_URL` is set against a real one, with the same words.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from demo.odoo import PracticeOdoo
from endpoints import jobs, registry
from endpoints.models import Change, Match, PullState, Record, Run, RunKind
from mappings.models import Connection, OdooModel
from synchub.odoo import OdooClient
from synchub.sync import asked, touched
from tests.conftest import Hub
from tests.demo.client import Client as OdooAccount
from tests.demo.client import unique
from tests.sync.test_events import Odoo as EventsOfOdoo
from tests.sync.test_push import due_now

URL = "/bj_api_sync/v1/products"
TAGS = "/bj_api_sync/v1/tags"
TEMPLATE, TAG = "product.template", "res.partner.category"
FR = {"context": {"lang": "fr_FR"}}
_REAL = ("ODOO_TEST_URL", "ODOO_TEST_DB", "ODOO_TEST_LOGIN", "ODOO_TEST_PASSWORD")


class RealOdoo(OdooAccount):
    """A real Odoo as the tests use the practice one."""

    def execute(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        return self.call(model, method, *args, **kwargs)

    answer = execute


@pytest.fixture(params=["practice", *(["real"] if os.environ.get("ODOO_TEST_URL") else [])])
def odoo(request: pytest.FixtureRequest) -> Iterator[Any]:
    """With French. What the tests made is taken away again."""
    if request.param == "practice":
        with PracticeOdoo(seed_records=30) as practice:
            yield practice
        return
    real = RealOdoo(*(os.environ[name] for name in _REAL))
    [french] = real.call(
        "res.lang", "search_read", [("code", "=", "fr_FR")], ["active"], context={"active_test": False}
    )
    if not french["active"]:
        wizard = real.call("base.language.install", "create", {"lang_ids": [(6, 0, [french["id"]])]})
        real.call("base.language.install", "lang_install", [wizard])
    yield real
    for model, domain in (
        (TEMPLATE, [("default_code", "=like", "LANG-%")]),
        (TAG, [("name", "=like", "LANG-%")]),
        ("product.tag", [("name", "=like", "LANG-%")]),
    ):
        real.remember(model, real.found(model, domain, context={"active_test": False}))
    real.clean_up()


class Shop:
    """Products, with their names in two languages, over a hub."""

    def __init__(self, odoo: Any) -> None:
        self.odoo = odoo
        odoo.password = getattr(odoo, "password", "")
        self.hub = Hub(odoo)

    def products(self, **options: Any) -> Any:
        lines = {
            "sku": {"field": "default_code", "identifier": True},
            "name": {"field": "name", "required": True},
            "name_fr": {"field": "name", "language": "fr_FR"},
            "text": "description_sale",
            "text_fr": {"field": "description_sale", "language": "fr_FR"},
            "price": "list_price",
            "notes": "description",
            "notes_fr": {"field": "description", "language": "fr_FR"},
        }
        lines |= options.pop("lines", {})
        domain = "[('default_code', '=like', 'LANG-%')]"
        return self.hub.endpoint("products", TEMPLATE, lines, **{"domain": domain} | options)

    def make(self, sku: str, name: str, french: str = "", **vals: Any) -> int:
        """In Odoo, by hand."""
        made = self.odoo.execute(TEMPLATE, "create", [{"default_code": sku, "name": name, **vals}])[0]
        if french:
            self.odoo.execute(TEMPLATE, "write", [made], {"name": french}, **FR)
        return int(made)

    def in_odoo(self, sku: str, *fields: str) -> tuple[Any, Any]:
        """In English and in French."""
        found = []
        for context in ({}, FR["context"]):
            rows = self.odoo.execute(
                TEMPLATE, "search_read", [("default_code", "=", sku)], list(fields), context=context
            )
            assert len(rows) == 1, rows
            found.append(tuple(rows[0][field] for field in fields))
        return (found[0][0], found[1][0]) if len(fields) == 1 else (found[0], found[1])

    def names(self, sku: str) -> tuple[Any, Any]:
        return self.in_odoo(sku, "name")


@pytest.fixture
def shop(odoo: Any, transactional_db: None) -> Shop:
    return Shop(odoo)


def _tag(shop: Shop) -> Any:
    lines = {"name": {"field": "name", "identifier": True}, "fr": {"field": "name", "language": "fr_FR"}}
    return shop.hub.mapping("product-tag", "product.tag", lines)


def sku() -> str:
    return unique("LANG").replace(" ", "-")


def send(method: str, url: str, body: Any = None, status: int = 200) -> Any:
    body = [] if body is None else [body]
    response = getattr(Client(), method)(url, *body, content_type="application/json")
    assert response.status_code == status, response.content
    return response.json()


# From Odoo --------------------------------------------------------------------------------------------------------


def test_a_product_is_read_with_its_name_in_two_languages(shop: Shop):
    shop.products()
    one, other = sku(), sku()
    shop.make(one, "Chair", "Chaise")
    shop.make(other, "Table")
    shop.hub.pull("products")
    shown = send("get", f"{URL}/{one}")
    assert (shown["name"], shown["name_fr"], shown["text_fr"]) == ("Chair", "Chaise", None)
    # Without a French name Odoo shows its own.
    assert send("get", f"{URL}/{other}")["name_fr"] == "Table"


def test_a_translation_made_in_odoo_comes_with_the_next_pull(shop: Shop):
    shop.products()
    one = sku()
    made = shop.make(one, "Chair", "Chaise")
    shop.hub.pull("products")
    shop.odoo.execute(TEMPLATE, "write", [made], {"name": "Siège"}, **FR)
    shop.hub.pull("products")
    assert send("get", f"{URL}/{one}")["name_fr"] == "Siège"


def test_the_connection_s_language_is_what_lines_without_one_have(shop: Shop):
    Connection.objects.update(language="fr_FR")
    shop.hub.connection.refresh_from_db()
    shop.products(lines={"english": {"field": "name", "language": "en_US"}})
    one = sku()
    shop.make(one, "Chair", "Chaise")
    shop.hub.pull("products")
    shown = send("get", f"{URL}/{one}")
    assert (shown["name"], shown["name_fr"], shown["english"]) == ("Chaise", "Chaise", "Chair")


@pytest.mark.parametrize("odoo", ["practice"], indirect=True)
def test_a_language_costs_one_call_for_a_page_however_long(shop: Shop):
    shop.products()
    costs = []
    for count in (3, 60):
        for number in range(count):
            shop.make(f"LANG-{count}-{number}", "Chair", "Chaise")
        shop.odoo.calls.clear()
        shop.hub.pull("products")
        costs.append(shop.odoo.calls.counts())
    assert costs[0][f"{TEMPLATE}.read"] == costs[1][f"{TEMPLATE}.read"] == 1
    assert Record.objects.count() == 63


def test_records_inside_others_have_their_names_in_two_languages(shop: Shop):
    shop.products(lines={"tags": {"field": "product_tag_ids", "nested": _tag(shop)}})
    one, name = sku(), sku()
    made = shop.odoo.execute("product.tag", "create", [{"name": name}])[0]
    shop.odoo.execute("product.tag", "write", [made], {"name": f"{name} rouge"}, **FR)
    shop.make(one, "Chair", product_tag_ids=[(6, 0, [made])])
    shop.hub.pull("products")
    assert send("get", f"{URL}/{one}")["tags"] == [{"name": name, "fr": f"{name} rouge"}]


# To Odoo ----------------------------------------------------------------------------------------------------------


def test_a_new_product_has_its_name_in_two_languages(shop: Shop):
    shop.products()
    one = sku()
    send("post", URL, {"sku": one, "name": "Chair", "name_fr": "Chaise", "text_fr": "douce"}, 201)
    shop.hub.push("products")
    assert shop.names(one) == ("Chair", "Chaise")
    # What has no text yet begins with the one that there is, as when a person writes it in French.
    assert shop.in_odoo(one, "description_sale") == ("douce", "douce")
    shown = send("get", f"{URL}/{one}")
    assert (shown["name"], shown["name_fr"], shown["text"]) == ("Chair", "Chaise", "douce")
    assert Change.objects.get().state == "applied"


def test_a_change_of_one_language_leaves_the_other_alone(shop: Shop):
    shop.products()
    one = sku()
    send("post", URL, {"sku": one, "name": "Chair", "name_fr": "Chaise"}, 201)
    shop.hub.push("products")
    send("put", f"{URL}/{one}", {"name_fr": "Siège"})
    shop.hub.push("products")
    assert shop.names(one) == ("Chair", "Siège")
    assert Change.objects.latest("id").values == {"name@fr_FR": "Siège"}
    send("put", f"{URL}/{one}", {"name": "Seat"})
    shop.hub.push("products")
    assert shop.names(one) == ("Seat", "Siège")


def test_a_text_that_is_the_same_in_both_stays_when_the_other_changes_in_the_same_write(shop: Shop):
    """Odoo has no French name then, and would show the new English one."""
    shop.products()
    one = sku()
    send("post", URL, {"sku": one, "name": "Orange", "name_fr": "Orange"}, 201)
    shop.hub.push("products")
    send("put", f"{URL}/{one}", {"name": "Tangerine", "name_fr": "Orange"})
    shop.hub.push("products")
    assert shop.names(one) == ("Tangerine", "Orange")


def test_emptying_one_language_leaves_the_other_alone(shop: Shop):
    shop.products()
    one = sku()
    send("post", URL, {"sku": one, "name": "Chair", "text": "soft", "text_fr": "douce"}, 201)
    shop.hub.push("products")
    send("put", f"{URL}/{one}", {"text_fr": None})
    shop.hub.push("products")
    assert shop.in_odoo(one, "description_sale") == ("soft", "")
    send("put", f"{URL}/{one}", {"text_fr": "tendre"})
    shop.hub.push("products")
    send("put", f"{URL}/{one}", {"text": None})
    shop.hub.push("products")
    assert shop.in_odoo(one, "description_sale") == ("", "tendre")
    shown = send("get", f"{URL}/{one}")
    assert (shown["text"], shown["text_fr"]) == (None, "tendre")


def test_sending_again_what_is_there_writes_nothing(shop: Shop):
    shop.products()
    one = sku()
    body = {"sku": one, "name": "Chair", "name_fr": "Chaise", "text": None, "text_fr": None}
    send("post", URL, body, 201)
    shop.hub.push("products")
    send("put", f"{URL}/{one}", body)
    assert Change.objects.count() == 1


def test_only_the_french_name_is_mapped_and_a_product_can_still_be_made(shop: Shop):
    shop.hub.endpoint(
        "products",
        TEMPLATE,
        {
            "sku": {"field": "default_code", "identifier": True},
            "nom": {"field": "name", "language": "fr_FR", "required": True},
        },
    )
    one = sku()
    send("post", URL, {"sku": one, "nom": "Chaise"}, 201)
    shop.hub.push("products")
    assert shop.names(one) == ("Chaise", "Chaise")


@pytest.mark.parametrize("odoo", ["practice"], indirect=True)
def test_many_translations_cost_few_calls(shop: Shop, settings: Any):
    settings.PUSH_BATCH = 500
    shop.products()
    shop.hub.pull("products")  # logs in
    costs = []
    for count in (200, 300):
        skus = [f"LANG-{count}-{number}" for number in range(count)]
        send("post", URL, [{"sku": one, "name": one, "name_fr": f"{one} fr"} for one in skus], 201)
        shop.odoo.calls.clear()
        shop.hub.push("products")
        costs.append(sum(bool(call.model) for call in shop.odoo.calls))
    assert costs[0] == costs[1]
    assert Change.objects.exclude(state="applied").count() == 0
    assert shop.names("LANG-300-299") == ("LANG-300-299", "LANG-300-299 fr")


@pytest.mark.parametrize("odoo", ["practice"], indirect=True)
@pytest.mark.parametrize("fault", ["drop_after_commit", "drop_before", "http_500"])
def test_a_worker_that_gets_no_further_than_the_creation_leaves_the_translation_to_the_next(
    shop: Shop, fault: str
):
    shop.products()
    send("post", URL, {"sku": "LANG-1", "name": "Chair", "name_fr": "Chaise"}, 201)
    shop.odoo.faults.arm(fault, model=TEMPLATE, method="write")
    shop.hub.push("products")
    change = Change.objects.get()
    assert change.state == "pending"
    due_now()
    shop.hub.push("products")
    change.refresh_from_db()
    assert change.state == "applied"
    assert shop.names("LANG-1") == ("Chair", "Chaise")


def test_a_tag_named_with_its_translation_is_created_with_it(shop: Shop):
    shop.products(lines={"tags": {"field": "product_tag_ids", "nested": _tag(shop), "on_missing": "create"}})
    one, red, blue = sku(), sku(), sku()
    tags = [{"name": red, "fr": f"{red} rouge"}, {"name": blue, "fr": f"{blue} bleu"}]
    send("post", URL, {"sku": one, "name": "Chair", "tags": tags}, 201)
    shop.hub.push("products")
    assert sorted(send("get", f"{URL}/{one}")["tags"], key=lambda tag: tag["name"]) == tags


@pytest.mark.parametrize("odoo", ["practice"], indirect=True)
@pytest.mark.parametrize("fault", ["drop_before", "drop_after_commit"])
def test_a_worker_that_gets_no_further_than_a_new_tag_leaves_its_translation_to_the_next(
    shop: Shop, fault: str
):
    shop.products(lines={"tags": {"field": "product_tag_ids", "nested": _tag(shop), "on_missing": "create"}})
    tags = [{"name": "Crimson", "fr": "Cramoisi"}]
    send("post", URL, {"sku": "LANG-1", "name": "Chair", "tags": tags}, 201)
    shop.odoo.faults.arm(fault, model="product.tag", method="write")
    shop.hub.push("products")
    assert Change.objects.get().state == "pending"
    due_now()
    shop.hub.push("products")
    assert Change.objects.get().state == "applied"
    found = shop.odoo.execute("product.tag", "search_read", [("name", "=", "Crimson")], ["name"])
    [french] = shop.odoo.execute("product.tag", "read", [one["id"] for one in found], ["name"], **FR)
    assert french["name"] == "Cramoisi"
    assert send("get", f"{URL}/LANG-1")["tags"] == tags


def test_lines_inside_a_record_are_translated_when_new_and_when_changed(shop: Shop):
    child = shop.hub.mapping(
        "child-tag",
        TAG,
        {"name": {"field": "name", "identifier": True}, "fr": {"field": "name", "language": "fr_FR"}},
    )
    shop.hub.endpoint(
        "tags",
        TAG,
        {
            "name": {"field": "name", "identifier": True},
            "fr": {"field": "name", "language": "fr_FR"},
            "below": {"field": "child_ids", "nested": child},
        },
        domain="[('name', '=like', 'LANG-%'), ('parent_id', '=', False)]",
        on_delete="unlink",
    )
    top, one, other = sku(), sku(), sku()
    below = [{"name": one, "fr": "Un"}]
    send("post", TAGS, {"name": top, "fr": "Haut", "below": below}, 201)
    shop.hub.push("tags")
    assert send("get", f"{TAGS}/{top}") == {"name": top, "fr": "Haut", "below": below}
    below = [{"name": one, "fr": "Premier"}, {"name": other, "fr": "Second"}]
    send("put", f"{TAGS}/{top}", {"below": below})
    shop.hub.push("tags")
    shown = send("get", f"{TAGS}/{top}")
    assert sorted(shown["below"], key=lambda tag: tag["fr"]) == below
    assert Change.objects.exclude(state="applied").count() == 0


def test_a_name_that_is_emptied_in_one_language_is_refused_under_its_own_key(shop: Shop):
    shop.products(lines={"name_en": {"field": "name", "language": "en_US"}})
    Connection.objects.update(language="fr_FR")
    registry.clear()
    one = sku()
    send("post", URL, {"sku": one, "name": "Chaise", "name_en": "Chair"}, 201)
    shop.hub.push("products")
    send("put", f"{URL}/{one}", {"name_en": None})
    shop.hub.push("products")
    change = Change.objects.latest("id")
    assert change.error.startswith("“name_en” is missing, and Odoo requires it")
    assert shop.names(one) == ("Chair", "Chaise")


# Html, which Odoo translates piece by piece ---------------------------------------------------------------------------


def test_html_in_two_languages_is_each_language_s_own(shop: Shop):
    shop.products()
    one = sku()
    body = {
        "sku": one,
        "name": "Chair",
        "notes": "<p>A soft chair</p>",
        "notes_fr": "<div>Douce, <b>et</b> plus</div>",
    }
    send("post", URL, body, 201)
    shop.hub.push("products")
    english, french = shop.in_odoo(one, "description")
    assert (english, "Douce" in french) == ("<p>A soft chair</p>", True)
    send("put", f"{URL}/{one}", {"notes": "<p>Something else</p>"})
    shop.hub.push("products")
    assert shop.in_odoo(one, "description") == ("<p>Something else</p>", french)
    send("put", f"{URL}/{one}", {"notes_fr": "<p>Tout autre chose</p>"})
    shop.hub.push("products")
    assert shop.in_odoo(one, "description") == ("<p>Something else</p>", "<p>Tout autre chose</p>")
    shown = send("get", f"{URL}/{one}")
    assert (shown["notes"], shown["notes_fr"]) == ("<p>Something else</p>", "<p>Tout autre chose</p>")


def test_html_is_not_emptied_in_one_language_alone(shop: Shop):
    """Odoo would empty it in all of them."""
    shop.products()
    one = sku()
    send(
        "post",
        URL,
        {"sku": one, "name": "Chair", "notes": "<p>A soft chair</p>", "notes_fr": "<p>Douce</p>"},
        201,
    )
    shop.hub.push("products")
    for empty in (None, "<p><br></p>"):
        send("put", f"{URL}/{one}", {"notes_fr": empty})
        shop.hub.push("products")
        change = Change.objects.latest("id")
        assert (change.state, change.line_id is not None) == ("failed", True)
        assert change.error.startswith("“notes_fr”: Odoo empties an html text in all languages at once.")
        assert shop.in_odoo(one, "description") == ("<p>A soft chair</p>", "<p>Douce</p>")
    refused = send("put", f"{URL}/{one}", {"notes": "<p>Hard</p>", "notes_fr": None}, 400)
    assert (refused["key"], refused["status_code"]) == ("notes_fr", "TYPE")
    send("put", f"{URL}/{one}", {"notes": None, "notes_fr": None})
    shop.hub.push("products")
    shown = send("get", f"{URL}/{one}")
    assert (shown["notes"], shown["notes_fr"]) == (None, None)


def test_a_live_endpoint_does_not_empty_html_in_one_language_alone(shop: Shop):
    shop.products(mode="live", on_delete="unlink")
    one = sku()
    body = {"sku": one, "name": "Chair", "notes": "<p>A soft chair</p>", "notes_fr": "<p>Douce</p>"}
    made = send("post", URL, body, 201)
    assert (made["notes"], made["notes_fr"]) == (body["notes"], body["notes_fr"])
    assert send("put", f"{URL}/{one}", {"notes_fr": None}, 400)["key"] == "notes_fr"
    changed = send("put", f"{URL}/{one}", {"notes": "<p>Hard</p>"})
    assert (changed["notes"], changed["notes_fr"]) == ("<p>Hard</p>", "<p>Douce</p>")


# Both at once -----------------------------------------------------------------------------------------------------


def test_odoo_s_french_and_the_consumer_s_english_do_not_overwrite_each_other(shop: Shop):
    shop.products(conflicts="ask")
    one = sku()
    made = shop.make(one, "Chair", "Chaise")
    shop.hub.pull("products")
    send("put", f"{URL}/{one}", {"name": "Seat"})
    shop.odoo.execute(TEMPLATE, "write", [made], {"name": "Siège"}, **FR)
    shop.hub.push("products")
    assert shop.names(one) == ("Seat", "Siège")
    assert Change.objects.get().state == "applied"


def test_both_changing_the_french_name_is_a_conflict_of_that_line(shop: Shop):
    shop.products(conflicts="ask")
    one = sku()
    made = shop.make(one, "Chair", "Chaise")
    shop.hub.pull("products")
    send("put", f"{URL}/{one}", {"name_fr": "Fauteuil"})
    shop.odoo.execute(TEMPLATE, "write", [made], {"name": "Siège"}, **FR)
    shop.hub.push("products")
    change = Change.objects.get()
    assert change.state == "failed"
    assert "“name_fr” was Chaise, is Siège in Odoo, and Fauteuil was sent" in change.error
    assert shop.names(one) == ("Chair", "Siège")


# Languages that Odoo does not have ------------------------------------------------------------------------------------


def test_a_language_that_is_not_active_is_told_with_its_line_and_the_others_work(shop: Shop):
    shop.products(lines={"name_nl": {"field": "name", "language": "nl_BE"}})
    one = sku()
    shop.make(one, "Chair", "Chaise")
    shop.hub.pull("products")
    shown = send("get", f"{URL}/{one}")
    assert (shown["name"], shown["name_fr"], shown["name_nl"]) == ("Chair", "Chaise", None)
    refused = send("put", f"{URL}/{one}", {"name_nl": "Stoel"}, 400)
    assert (refused["key"], refused["status_code"]) == ("name_nl", "READONLY")


@pytest.mark.parametrize("odoo", ["practice"], indirect=True)
def test_a_language_switched_off_in_odoo_is_told_with_its_line(shop: Shop):
    shop.products()
    send("post", URL, {"sku": "LANG-1", "name": "Chair", "name_fr": "Chaise"}, 201)
    shop.odoo.execute("res.lang", "write", [2], {"active": False})
    shop.hub.push("products")
    change = Change.objects.get()
    assert change.state == "failed"
    assert change.error.startswith("The language fr_FR of “name_fr” is not active in Odoo: activate it there")
    assert change.line_id is not None
    shop.hub.pull("products")
    assert PullState.objects.get().last_error.startswith("The language fr_FR of “name_fr” is not active")


def test_which_languages_are_active_is_read_with_the_fields(shop: Shop):
    shop.products()
    fields = OdooModel.objects.get(model=TEMPLATE).fields
    assert {"en_US", "fr_FR"} <= set(fields["name"]["languages"])
    assert "languages" not in fields["default_code"]


# Live and beforehand --------------------------------------------------------------------------------------------------


def test_a_live_endpoint_reads_and_writes_both_languages(shop: Shop):
    shop.products(mode="live", on_delete="unlink")
    one, other = sku(), sku()
    sent = [
        {"sku": one, "name": "Chair", "name_fr": "Chaise"},
        {"sku": other, "name": "Table", "name_fr": "Table"},
    ]
    made = send("post", URL, sent, 201)["results"]
    assert [(row["name"], row["name_fr"]) for row in made] == [("Chair", "Chaise"), ("Table", "Table")]
    assert shop.names(one) == ("Chair", "Chaise")
    changed = send("put", f"{URL}/{one}", {"name_fr": "Siège"})
    assert (changed["name"], changed["name_fr"]) == ("Chair", "Siège")
    assert shop.names(one) == ("Chair", "Siège")


def test_a_live_list_is_filtered_and_put_in_order_by_a_language(shop: Shop):
    shop.products(mode="live")
    skus = [sku() for _ in range(3)]
    for one, english, french in zip(skus, ("A", "B", "C"), ("Z", "Y", "X"), strict=True):
        shop.make(one, english, f"{french} {skus[0]}")
    found = send("get", f"{URL}?name_fr=Y {skus[0]}")
    assert [row["sku"] for row in found["results"]] == [skus[1]]
    found = send("get", f"{URL}?ordering=name_fr&limit=2")
    ordered = [row["sku"] for row in send("get", f"{URL}?ordering=name_fr")["results"] if row["sku"] in skus]
    assert ordered == skus[::-1]
    assert len(found["results"]) == 2
    assert found["count"] >= 3


def test_a_live_list_in_the_order_of_a_language_goes_on_where_a_record_is_deleted_meanwhile(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    shop.products(mode="live")
    skus = [sku() for _ in range(3)]
    made = [shop.make(one, "A", f"A {one}") for one in skus]
    search, left = OdooClient.search, made[:1]

    def then_deleted(*args: Any, **kwargs: Any) -> list[int]:
        found = search(*args, **kwargs)
        if left:
            shop.odoo.execute(TEMPLATE, "unlink", [left.pop()])
        return found

    monkeypatch.setattr(OdooClient, "search", then_deleted)
    found = send("get", f"{URL}?ordering=name_fr&limit=2")
    assert len(found["results"]) == 1
    assert found["next"] is not None
    rest = send("get", f"{URL}?ordering=name_fr&limit=2&offset=1")["results"]
    assert skus[2] in [row["sku"] for row in rest]


@pytest.mark.parametrize("mode", ["live", "mirror"])
def test_a_text_in_another_language_that_odoo_does_not_tell_keeps_no_other_record_back(
    mode: str, transactional_db: None
):
    with PracticeOdoo(seed_records=30) as odoo:
        shop = Shop(odoo)
        lines = {
            "sku": {"field": "default_code", "identifier": True}, "name": "name",
            "notes_fr": {"field": "description", "language": "fr_FR"},
        }  # fmt: skip
        shop.hub.endpoint(
            "products", TEMPLATE, lines, mode=mode, domain="[('default_code', '=like', 'LANG-%')]"
        )
        one, other = sorted([sku(), sku()])
        ids = [shop.make(name, "A", description="Note") for name in (one, other)]
        odoo.odd.swell(TEMPLATE, ids[0], "description")
        if mode == "mirror":
            shop.hub.pull("products")
            problems = list(Record.objects.order_by("odoo_id").values_list("problem", flat=True))
            assert (problems[0].startswith("“notes_fr” is shown as empty"), problems[1]) == (True, "")
        shown = [send("get", f"{URL}/{name}") for name in (one, other)]
        assert [row["notes_fr"] for row in shown] == [None, "<p>Note</p>"]
        assert len(send("get", URL)["results"]) == 2
        if mode == "live":
            assert send("put", f"{URL}/{one}", shown[0] | {"name": "B"})["name"] == "B"
            assert shop.in_odoo(one, "description") == ("<p>Note</p>", "<p>Note</p>")


def test_the_mirror_is_filtered_by_a_language(shop: Shop):
    shop.products()
    one = sku()
    shop.make(one, "Chair", "Chaise")
    shop.hub.pull("products")
    found = send("get", f"{URL}?name_fr=Chaise&sku={one}&ordering=-name_fr")
    assert [row["sku"] for row in found["results"]] == [one]
    assert send("get", f"{URL}?name_fr=Chair&sku={one}")["count"] == 0


def test_a_dry_run_shows_the_translation_as_a_call_of_its_own(shop: Shop):
    shop.products()
    one = sku()
    answer = send("post", f"{URL}?dry_run=true", {"sku": one, "name": "Chair", "name_fr": "Chaise"})
    create, translate = answer["calls"]
    assert create["method"] == "load"
    assert (translate["method"], translate["args"]) == ("write", [[0], {"name": "Chaise"}])
    assert translate["context"]["lang"] == "fr_FR"
    shop.make(one, "Chair", "Chaise")
    shop.hub.pull("products")
    [call] = send("put", f"{URL}/{one}?dry_run=true", {"name": "Chair", "name_fr": "Siège"})["calls"]
    assert (call["args"][1], call["context"]["lang"]) == ({"name": "Siège"}, "fr_FR")
    assert shop.names(one) == ("Chair", "Chaise")


@pytest.mark.parametrize("odoo", ["practice"], indirect=True)
def test_a_creation_in_live_mode_repeated_after_a_lost_answer_is_translated(shop: Shop):
    shop.products(mode="live")
    body = {"sku": "LANG-1", "name": "Chair", "name_fr": "Chaise"}
    shop.odoo.faults.arm("drop_before", model=TEMPLATE, method="write")
    headers = {"Idempotency-Key": "k-1"}
    lost = Client().post(URL, body, content_type="application/json", headers=headers)
    assert lost.status_code in (502, 504)
    again = Client().post(URL, body, content_type="application/json", headers=headers)
    assert (again.status_code, again.json()["name_fr"]) == (201, "Chaise")
    assert shop.names("LANG-1") == ("Chair", "Chaise")


@pytest.mark.parametrize("odoo", ["practice"], indirect=True)
def test_a_new_product_is_found_in_odoo_by_its_french_name(shop: Shop):
    endpoint = shop.products(match_on=["name_fr"])
    there = shop.make("OTHER-1", "Chair", "Chaise unique")
    send("post", URL, {"sku": "LANG-1", "name": "Seat", "name_fr": "Chaise unique"}, 201)
    run = jobs.ask(endpoint.pk, RunKind.MATCH, "boss")
    assert run is not None
    asked.carry_out(run.pk)
    [candidate] = Match.objects.get().candidates
    assert (candidate["id"], candidate["shown"]) == (there, {"name_fr": "Chaise unique"})


def test_the_description_of_the_api_names_the_language(shop: Shop):
    shop.products()
    text = Client().get("/bj_api_sync/v1/openapi.json").content.decode()
    assert "Name (in fr_FR)." in text


def test_a_product_that_odoo_tells_of_is_read_in_all_its_languages(shop: Shop):
    shop.products()
    one = sku()
    made = shop.make(one, "Chair", "Chaise")
    assert EventsOfOdoo(shop.hub).tells(made, TEMPLATE) == 202
    touched.read(registry.get("products"))
    assert send("get", f"{URL}/{one}")["name_fr"] == "Chaise"


def test_an_undo_puts_both_names_back(shop: Shop):
    endpoint = shop.products()
    shop.make("LANG-1", "Chair", "Chaise")
    shop.hub.pull("products")
    send("put", f"{URL}/LANG-1", {"name": "Seat", "name_fr": "Siège"})
    shop.hub.push("products")
    assert shop.names("LANG-1") == ("Seat", "Siège")
    push = Run.objects.filter(kind="push").latest("id")
    run = jobs.ask(endpoint.pk, RunKind.UNDO, "boss", {"run": push.pk})
    assert run is not None
    asked.carry_out(run.pk)
    shop.hub.push("products")
    assert shop.names("LANG-1") == ("Chair", "Chaise")
