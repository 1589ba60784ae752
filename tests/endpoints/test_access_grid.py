"""What access keys may do, as a table: key × method × key of a record × record. Nothing leaks, in mirror and live mode."""

import json
from datetime import timedelta
from typing import Any, cast

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from endpoints import decisions, pulls, registry, usage
from endpoints.giving_up import discard
from endpoints.models import AccessGrant, AccessKey, Action, Change, Endpoint, PullState, Record
from mappings.clients import client_for
from mappings.models import Connection, Line
from synchub.odoo import OdooClient
from synchub.sync import namesakes, reading
from tests.conftest import Hub
from tests.endpoints.conftest import Api
from tests.sessions import others_are_told_apart
from tests.sync.test_copies import Interrupted

# GENT is within the rows of some keys, PARIS is not. E-mail and postcode are what is hidden.
GENT = {"ref": "GENT", "name": "Ann", "city": "Gent", "email": "hidden-a@example.com", "zip": "H-9000"}
PARIS = {
    "ref": "PARIS",
    "name": "Bob-of-Paris",
    "city": "Paris",
    "email": "hidden-b@example.com",
    "zip": "H-7500",
}
LINES = {
    "customer_id": {"field": "ref", "identifier": True},
    "name": {"field": "name", "required": True},
    "email": "email",
    "address.city": "city",
    "address.zip": "zip",
    "vat": "vat",
}
IN_GENT = "[('city', '=', 'Gent')]"
NAMES = ["customer_id", "name", "address.city"]

# What each key is and what its grant says; None: it has no grant for this endpoint.
KEYS: dict[str, tuple[dict[str, Any], dict[str, Any] | None]] = {
    "full": ({}, {}),
    "reader": ({}, {"methods": ["GET"]}),
    "narrow": ({}, {"read": NAMES, "write": ["name"]}),
    "sender": ({}, {"methods": ["POST", "PUT"], "write": [*NAMES, "email"]}),
    "gent": ({}, {"domain": IN_GENT}),
    "gent-narrow": ({}, {"domain": IN_GENT, "read": NAMES}),
    "expired": ({"expires_at": timezone.now() - timedelta(seconds=1)}, {}),
    "elsewhere": ({"addresses": ["203.0.113.0/24"]}, {}),
    "off": ({"enabled": False}, {}),
    "other": ({}, None),
}
NEW = {"customer_id": "NEW", "name": "N", "address": {"city": "Gent"}}
# Each row: what is asked, and the status for each key; keys that are not named get 401.
ASKED: list[tuple[str, str, Any, dict[str, int]]] = [
    ("GET", "", None, dict.fromkeys(["full", "reader", "narrow", "gent", "gent-narrow"], 200) | {"sender": 403}),
    ("GET", "?cursor=", None, dict.fromkeys(["full", "reader", "narrow", "gent", "gent-narrow"], 200) | {"sender": 403}),
    ("GET", "/GENT", None, dict.fromkeys(["full", "reader", "narrow", "gent", "gent-narrow"], 200) | {"sender": 403}),
    ("HEAD", "/GENT", None, dict.fromkeys(["full", "reader", "narrow", "gent", "gent-narrow"], 200) | {"sender": 403}),
    ("GET", "/PARIS", None, dict.fromkeys(["full", "reader", "narrow"], 200)
     | {"gent": 404, "gent-narrow": 404, "sender": 403}),
    ("GET", "/~GENT~", None, dict.fromkeys(["full", "reader", "narrow", "gent", "gent-narrow"], 200) | {"sender": 403}),
    ("GET", "/~PARIS~", None, dict.fromkeys(["full", "reader", "narrow"], 200)
     | {"gent": 404, "gent-narrow": 404, "sender": 403}),
    # Hidden keys are not known: not to filter by, not to sort by, not to ask for.
    *(
        ("GET", query, None, dict.fromkeys(["full", "reader", "gent"], 200)
         | {"narrow": 400, "gent-narrow": 400, "sender": 403})
        for query in ("?email=hidden-a@example.com", "?address.zip=H-9000", "?zip_from=H", "?ordering=email",
                      "?ordering=-address.zip", "?fields=customer_id,email", "/GENT?fields=address.zip")
    ),
    ("GET", "?name=Ann&ordering=-address.city&fields=name,address.city", None,
     dict.fromkeys(["full", "reader", "narrow", "gent", "gent-narrow"], 200) | {"sender": 403}),
    ("PUT", "/GENT", {"name": "A."}, dict.fromkeys(["full", "narrow", "sender", "gent", "gent-narrow"], 200)
     | {"reader": 403}),
    ("PUT", "/GENT", {"email": "x@example.com"}, dict.fromkeys(["full", "sender", "gent"], 200)
     | {"reader": 403, "narrow": 400, "gent-narrow": 400}),
    ("PUT", "/GENT", {"address": {"zip": "1"}}, {"full": 200, "gent": 200, "reader": 403, "narrow": 400,
                                               "gent-narrow": 400, "sender": 400}),
    ("PUT", "/GENT", {"address": {"city": "Gent"}}, dict.fromkeys(["full", "sender", "gent", "gent-narrow"], 200)
     | {"reader": 403, "narrow": 403}),
    ("PUT", "/GENT", {"address": None}, dict.fromkeys(["full", "narrow", "sender", "gent", "gent-narrow"], 400)
     | {"reader": 403}),
    # A write that would move it out of the rows.
    ("PUT", "/GENT", {"address": {"city": "Paris"}}, {"full": 200, "sender": 200, "reader": 403, "narrow": 403,
                                                    "gent": 403, "gent-narrow": 403}),
    ("PUT", "/PARIS", {"name": "B."}, dict.fromkeys(["full", "narrow", "sender"], 200)
     | {"reader": 403, "gent": 404, "gent-narrow": 404}),
    ("PUT", "/PARIS", {"address": {"city": "Gent"}}, {"full": 200, "sender": 200, "reader": 403, "narrow": 403,
                                                    "gent": 404, "gent-narrow": 404}),
    ("PUT", "/~PARIS~", {"name": "B."}, dict.fromkeys(["full", "narrow", "sender"], 200)
     | {"reader": 403, "gent": 404, "gent-narrow": 404}),
    ("POST", "", NEW, dict.fromkeys(["full", "sender", "gent", "gent-narrow"], 201) | {"reader": 403, "narrow": 403}),
    ("POST", "", [NEW], dict.fromkeys(["full", "sender", "gent", "gent-narrow"], 201) | {"reader": 403, "narrow": 403}),
    ("POST", "", NEW | {"address": {"city": "Paris"}}, {"full": 201, "sender": 201, "reader": 403, "narrow": 403,
                                                       "gent": 403, "gent-narrow": 403}),
    ("POST", "", {"customer_id": "NEW", "name": "N"}, {"full": 201, "sender": 201, "reader": 403, "narrow": 403,
                                                      "gent": 403, "gent-narrow": 403}),
    ("POST", "", NEW | {"email": "x@example.com"}, {"full": 201, "sender": 201, "gent": 201, "reader": 403,
                                                   "narrow": 403, "gent-narrow": 400}),
    ("POST", "", NEW | {"nokey": 1}, {"full": 400, "sender": 400, "gent": 400, "reader": 403, "narrow": 403,
                                     "gent-narrow": 400}),
    # A name is unique at an endpoint, and whoever may make records learns that one is taken; nothing else.
    ("POST", "", NEW | {"customer_id": "PARIS"}, {"full": 409, "sender": 409, "gent": 409, "reader": 403,
                                                 "narrow": 403, "gent-narrow": 409}),
    ("POST", "?dry_run=true", NEW, {"full": 200, "sender": 403, "gent": 403, "reader": 403, "narrow": 403,
                                    "gent-narrow": 403}),
    ("PUT", "/PARIS?dry_run=true", {"name": "x"}, {"full": 200, "sender": 403, "gent": 403, "reader": 403,
                                                   "narrow": 403, "gent-narrow": 403}),
    ("DELETE", "/GENT", None, {"full": 200, "narrow": 200, "gent": 200, "gent-narrow": 200, "reader": 403,
                               "sender": 403}),
    ("DELETE", "/PARIS", None, {"full": 200, "narrow": 200, "gent": 404, "gent-narrow": 404, "reader": 403,
                                "sender": 403}),
    ("DELETE", "/~PARIS~", None, {"full": 200, "narrow": 200, "gent": 404, "gent-narrow": 404, "reader": 403,
                                  "sender": 403}),
    ("PATCH", "/PARIS", None, dict.fromkeys(["full", "reader", "narrow", "sender", "gent", "gent-narrow"], 405)),
    ("OPTIONS", "", None, dict.fromkeys(["full", "reader", "narrow", "sender", "gent", "gent-narrow"], 204)),
]  # fmt: skip


@pytest.fixture(params=["mirror", "live"])
def grid(request: Any, hub: Hub) -> tuple[Hub, Endpoint]:
    endpoint = hub.endpoint(
        "grid", "res.partner", LINES, auth="bearer", mode=request.param, on_delete="unlink",
        parameters={"zip_from": ("zip", ">=")},
    )  # fmt: skip
    elsewhere = hub.endpoint("elsewhere", "res.partner", LINES, auth="bearer")
    for name, (facts, grant) in KEYS.items():
        key = AccessKey(name=name, **facts)
        key.set_token(f"token-of-{name}")
        key.save()
        AccessGrant.objects.create(key=key, endpoint=elsewhere if grant is None else endpoint, **grant or {})
    return hub, endpoint


def _as_it_was(hub: Hub, endpoint: Endpoint) -> dict[str, str]:
    """Both records as they are at first, and nothing else of ours; the hub's handles of them."""
    ids = hub.odoo.execute("res.partner", "search", [("ref", "in", ["GENT", "PARIS", "NEW"])])
    hub.odoo.execute("res.partner", "unlink", ids)
    Record.objects.all().delete()
    hub.odoo.execute("res.partner", "create", [GENT, PARIS])
    if endpoint.mode == "live":
        return {"~GENT~": "GENT", "~PARIS~": "PARIS"}  # live, there are no handles
    pulls.start_over([endpoint.pk])
    hub.pull("grid")
    handles = dict(Record.objects.values_list("external_id", "handle"))
    return {f"~{name}~": f"~{handles[name]}" for name in ("GENT", "PARIS")}


@pytest.mark.parametrize("row", range(len(ASKED)))
def test_each_key_gets_what_is_its_own(grid: tuple[Hub, Endpoint], row: int):
    hub, endpoint = grid
    method, path, body, expected = ASKED[row]
    wrong = []
    handles = _as_it_was(hub, endpoint)
    for name in [*KEYS, "guess", ""]:
        api = Api(Authorization=f"Bearer token-of-{name}") if name else Api()
        address = path
        for sign, handle in handles.items():
            address = address.replace(sign, handle)
        answer = api.ask(method, f"grid{address}", body)
        if answer.status_code != expected.get(name, 401):
            wrong.append(f"{name}: {answer.status_code} {answer.content[:150]!r}")
        problem = _leak(name, answer, f"{path} {json.dumps(body)}")
        if problem:
            wrong.append(f"{name}: {problem}")
        if (
            method not in ("GET", "HEAD", "OPTIONS", "PATCH")
            and answer.status_code < 300
            and "dry_run" not in path
        ):
            handles = _as_it_was(hub, endpoint)
    assert wrong == []


def _leak(name: str, answer: Any, sent: str) -> str:
    """What the answer tells that it must not, and that whoever asked did not say."""
    told = answer.content.decode() + str(dict(answer.headers))
    hidden: list[str] = []
    if name in ("narrow", "gent-narrow"):
        hidden += ["hidden-", "H-9000", "H-7500", "email", "zip", "vat"]
    if name == "sender" and answer.status_code < 300:
        hidden += ["hidden-", "H-9000", "H-7500"]
    if name.startswith("gent"):
        hidden += ["Bob-of-Paris", "H-7500", "hidden-b"]
    if answer.status_code == 401:
        hidden += ["Gent", "Paris", "customer_id", "RateLimit", "X-Access-Key"]
    return ", ".join(word for word in hidden if word in told and word not in sent)


def test_lists_and_their_counts_are_of_the_rows_alone(grid: tuple[Hub, Endpoint]):
    hub, endpoint = grid
    _as_it_was(hub, endpoint)
    everybody = Api(Authorization="Bearer token-of-full").get("grid", {"limit": 1000})
    mine = Api(Authorization="Bearer token-of-gent").get("grid", {"limit": 1000})
    in_gent = [row for row in everybody["results"] if row["address"]["city"] == "Gent"]
    assert "GENT" in [row["customer_id"] for row in in_gent]
    assert (mine["count"], mine["results"]) == (len(in_gent), in_gent)
    narrow = Api(Authorization="Bearer token-of-gent-narrow").get("grid", {"limit": 1})
    assert narrow["count"] == len(in_gent)
    assert set(narrow["results"][0]) == {"customer_id", "name", "address"}
    assert set(narrow["results"][0]["address"]) == {"city"}


def test_a_filter_cannot_reach_beyond_the_rows(grid: tuple[Hub, Endpoint]):
    hub, endpoint = grid
    _as_it_was(hub, endpoint)
    api = Api(Authorization="Bearer token-of-gent")
    for query in (
        {"customer_id": "PARIS"},
        {"address.city": "Paris"},
        {"email": PARIS["email"]},
        {"zip_from": "H-75"},
    ):
        found = api.get("grid", query)
        assert "PARIS" not in [row["customer_id"] for row in found["results"]], query


@pytest.mark.parametrize("grid", ["mirror"], indirect=True)
def test_a_request_that_is_repeated_and_waits_tells_nothing_of_a_record_that_has_left_the_rows(
    grid: tuple[Hub, Endpoint],
):
    hub, endpoint = grid
    _as_it_was(hub, endpoint)
    gent, full = (Api(Authorization=f"Bearer token-of-{name}") for name in ("gent", "full"))
    repeated = {"Idempotency-Key": "one", "Prefer": "wait=1"}
    gent.post("grid", NEW, headers={"Idempotency-Key": "one"})
    full.put("grid/NEW", {"name": "Secret", "address": {"city": "Paris"}})
    hub.push("grid")
    told = gent.ask("POST", "grid", NEW, headers=repeated)
    assert (told.status_code, told.json()["name"], told.json()["address"]["city"]) == (201, "N", "Gent")
    full.put("grid/NEW", {"address": {"city": "Gent"}})
    hub.push("grid")
    assert gent.post("grid", NEW, headers=repeated)["name"] == "Secret"


@pytest.mark.parametrize("unknown", ["archived", "not read yet", "read just then"])
def test_a_new_record_does_not_write_over_one_beyond_the_rows_that_has_its_name_in_odoo(
    grid: tuple[Hub, Endpoint], unknown: str
):
    hub, endpoint = grid
    _as_it_was(hub, endpoint)
    other = PARIS | {"ref": "NEW", "active": unknown != "archived"}
    [odoo_id] = hub.odoo.execute("res.partner", "create", [other])
    gent, full = (Api(Authorization=f"Bearer token-of-{name}") for name in ("gent", "full"))
    answer = gent.ask("POST", "grid", NEW)
    if endpoint.mode == "mirror":
        if unknown == "read just then":
            hub.pull("grid")
        hub.push("grid")
        answer = gent.ask("GET", "grid/NEW")
        refused = Change.objects.get()
        assert "beyond the rows of access key “gent”" in refused.error
        assert discard([refused.pk], "boss") == 1
        hub.pull("grid")
    assert "hidden" not in answer.content.decode()
    [there] = hub.odoo.execute("res.partner", "read", [odoo_id], fields=["name", "city", "active"])
    assert (there["name"], there["city"], there["active"]) == (PARIS["name"], "Paris", other["active"])
    assert gent.ask("GET", "grid/NEW").status_code == 404
    if unknown != "archived":
        assert full.get("grid/NEW")["name"] == PARIS["name"]


@pytest.mark.parametrize("since", ["renamed", "deleted", "the only one left"])
@pytest.mark.parametrize("grid", ["mirror"], indirect=True)
def test_nor_where_its_key_has_gone_since(grid: tuple[Hub, Endpoint], since: str):
    """What a key without a limit has sent goes on: its grant is there."""
    hub, endpoint = grid
    _as_it_was(hub, endpoint)
    name = "full" if since == "the only one left" else "gent"
    Api(Authorization=f"Bearer token-of-{name}").post("grid", NEW)
    [odoo_id] = hub.odoo.execute("res.partner", "create", [PARIS | {"ref": "NEW"}])
    keys = AccessKey.objects.filter(name="gent")
    if since == "renamed":
        keys.update(name="ghent")
    else:
        keys.delete()
    hub.pull("grid")
    hub.push("grid")
    [there] = hub.odoo.execute("res.partner", "read", [odoo_id], fields=["name"])
    if name == "full":
        assert there["name"] == NEW["name"]
        return
    refused = Change.objects.get()
    assert there["name"] == PARIS["name"]
    assert "no access key “gent”, which sent this, opens this endpoint any more" in refused.error
    # As it says.
    AccessKey.objects.filter(name="full").update(name="gent")
    decisions.send([refused.pk], "boss")
    hub.push("grid")
    assert hub.odoo.execute("res.partner", "read", [odoo_id], fields=["name"])[0]["name"] == NEW["name"]


@pytest.mark.parametrize("grid", ["mirror"], indirect=True)
def test_a_record_that_is_posted_while_a_pull_asks_for_the_rows_is_not_taken_for_one_beyond_them(
    grid: tuple[Hub, Endpoint],
):
    hub, endpoint = grid
    _as_it_was(hub, endpoint)
    [odoo_id] = hub.odoo.execute("res.partner", "create", [PARIS | {"ref": "NEW"}])
    gent = Api(Authorization="Bearer token-of-gent")
    gent.post("grid", NEW)

    def given_up_and_posted_again() -> None:
        discard([Change.objects.get().pk], "boss")
        gent.post("grid", NEW)

    spec = registry.get("grid")
    with client_for(Connection.objects.get()) as client:
        interrupted = Interrupted(client, "search", given_up_and_posted_again, after=True)
        namesakes.adopt(spec, cast("OdooClient", interrupted), reading.of_ids(spec, client, [odoo_id]))
    hub.push("grid")
    assert "beyond the rows of access key “gent”" in Change.objects.get(state="failed").error
    [there] = hub.odoo.execute("res.partner", "read", [odoo_id], fields=["name", "city"])
    assert (there["name"], there["city"]) == (PARIS["name"], "Paris")


@pytest.mark.parametrize("grid", ["live"], indirect=True)
def test_what_odoo_makes_of_a_write_beyond_the_rows_is_not_shown(grid: tuple[Hub, Endpoint]):
    """A contact takes over its company's address; and an action does whatever it does."""
    hub, endpoint = grid
    Line.objects.create(mapping=endpoint.mapping, key="company", field="parent_id", position=9)
    Line.objects.create(mapping=endpoint.mapping, key="active", field="active", position=10)
    Action.objects.create(endpoint=endpoint, name="archive", method="action_archive")
    AccessGrant.objects.filter(key__name="reader").update(methods=[], domain="[('active', '=', True)]")
    registry.clear()
    _as_it_was(hub, endpoint)
    [paris] = hub.odoo.execute("res.partner", "search", [("ref", "=", "PARIS")])
    gent, some = (Api(Authorization=f"Bearer token-of-{name}") for name in ("gent", "reader"))
    answer = gent.ask("PUT", "grid/GENT", {"company": paris})
    assert (answer.status_code, "H-7500" in answer.content.decode()) == (403, False)
    assert "Odoo has taken what was sent" in answer.json()["message"]
    assert gent.ask("GET", "grid/GENT").status_code == 404
    assert some.ask("POST", "grid/PARIS/actions/archive", {}).json()["active"] is True


def test_a_new_record_is_one_of_the_rows_that_odoo_has_in_its_archive(grid: tuple[Hub, Endpoint]):
    hub, endpoint = grid
    _as_it_was(hub, endpoint)
    [odoo_id] = hub.odoo.execute("res.partner", "create", [GENT | {"ref": "NEW", "active": False}])
    Api(Authorization="Bearer token-of-gent").post("grid", NEW)
    if endpoint.mode == "mirror":
        hub.push("grid")
    [there] = hub.odoo.execute("res.partner", "read", [odoo_id], fields=["name", "active"])
    assert (there["name"], there["active"]) == (NEW["name"], True)


@pytest.mark.parametrize("grid", ["mirror"], indirect=True)
def test_what_changed_and_how_it_stands_is_told_of_the_rows_alone(grid: tuple[Hub, Endpoint]):
    hub, endpoint = grid
    _as_it_was(hub, endpoint)
    narrow, full = (Api(Authorization=f"Bearer token-of-{name}") for name in ("gent-narrow", "full"))
    since = narrow.get("grid/changes")["since"]
    full.put("grid/PARIS", {"name": "Bob-of-Paris II"})
    full.put("grid/GENT", {"email": "hidden-c@example.com"})
    for query in ({}, {"since": since}):
        others_are_told_apart()
        told = narrow.get("grid/changes", query)
        assert "GENT" in [one["id"] for one in told["results"]]
        assert [
            word for word in ("PARIS", "Bob-of", "hidden-", "email", "zip") if word in json.dumps(told)
        ] == []
    assert narrow.ask("GET", "grid/changes?fields=email").status_code == 400
    assert narrow.get("grid/sync-state")["records"] < full.get("grid/sync-state")["records"]
    assert Api(Authorization="Bearer token-of-sender").ask("GET", "grid/changes").status_code == 403


def test_whoever_may_only_send_is_told_the_name_and_no_more(grid: tuple[Hub, Endpoint]):
    hub, endpoint = grid
    _as_it_was(hub, endpoint)
    api = Api(Authorization="Bearer token-of-sender")
    assert api.put("grid/GENT", {}) == {"customer_id": "GENT"}
    answer = api.ask("POST", "grid", NEW)
    assert (answer.json(), answer["Location"][-9:]) == ({"customer_id": "NEW"}, "/grid/NEW")
    assert api.ask("OPTIONS", "grid")["Allow"] == "POST"


def test_a_condition_on_what_is_seen_works_with_what_is_seen(grid: tuple[Hub, Endpoint]):
    hub, endpoint = grid
    _as_it_was(hub, endpoint)
    api = Api(Authorization="Bearer token-of-gent-narrow")
    tag = api.ask("GET", "grid/GENT")["ETag"]
    changed = api.ask("PUT", "grid/GENT", {"name": "A."}, headers={"If-Match": tag})
    assert changed.status_code == 200, changed.content
    assert api.ask("PUT", "grid/GENT", {"name": "B."}, headers={"If-Match": tag}).status_code == 412
    assert api.ask("PUT", "grid/PARIS", {"name": "B."}, headers={"If-Match": "*"}).status_code == 404


def test_a_key_that_may_see_more_is_shown_more(grid: tuple[Hub, Endpoint]):
    hub, endpoint = grid
    _as_it_was(hub, endpoint)
    api, before = Api(Authorization="Bearer token-of-narrow"), ""
    for read in (NAMES, [*NAMES, "email"], []):
        AccessGrant.objects.filter(key__name="narrow", endpoint=endpoint).update(read=read, write=read)
        registry.clear()
        answer = api.ask("GET", "grid/GENT", headers={"If-None-Match": before or '"x"'})
        assert answer.status_code == 200
        assert ("email" in json.loads(answer.content)) is (read != NAMES)
        now = answer["ETag"]
        assert api.ask("GET", "grid/GENT", headers={"If-None-Match": now}).status_code == 304
        # What was read with other rights is not what there is.
        assert (
            not before
            or api.ask("PUT", "grid/GENT", {"name": "A."}, headers={"If-Match": before}).status_code == 412
        )
        before = now
    changed = api.ask("PUT", "grid/GENT", {"name": "A."}, headers={"If-Match": before})
    assert (changed.status_code, changed["ETag"]) == (200, api.ask("GET", "grid/GENT")["ETag"])


def test_what_a_key_has_read_of_several_records_is_what_a_list_that_it_posts_is_compared_with(
    grid: tuple[Hub, Endpoint],
):
    hub, endpoint = grid
    Endpoint.objects.filter(pk=endpoint.pk).update(post_updates=True)
    AccessGrant.objects.filter(key__name="narrow").update(write=NAMES)
    registry.clear()
    _as_it_was(hub, endpoint)
    api = Api(Authorization="Bearer token-of-narrow")
    read = ", ".join(api.ask("GET", f"grid/{name}")["ETag"] for name in ("GENT", "PARIS"))
    sent = [{"customer_id": name, "name": "New"} for name in ("GENT", "PARIS")]
    if endpoint.mode == "live":  # a list takes new records only
        assert api.ask("POST", "grid", sent, headers={"If-Match": read}).status_code == 412
        return
    assert api.ask("POST", "grid", sent, headers={"If-None-Match": read}).status_code == 412
    assert api.ask("POST", "grid", sent, headers={"If-Match": read}).status_code == 200
    assert api.ask("POST", "grid", sent, headers={"If-Match": read}).status_code == 412


def test_descriptions_tell_no_more_than_the_key_may_see(grid: tuple[Hub, Endpoint]):
    hub, endpoint = grid
    _as_it_was(hub, endpoint)
    for file in ("openapi.json", "postman.json", "requests.http"):
        for address in (f"grid.{file}", f"/bj_api_sync/v1/{file}"):
            told = Api(Authorization="Bearer token-of-gent-narrow").ask("GET", address).content.decode()
            assert "customer_id" in told
            forbidden = ("email", "zip", "vat", "Bob", "hidden-", "dry_run", "dry run", "Rehearsal")
            assert [word for word in forbidden if word in told] == [], address
            full = Api(Authorization="Bearer token-of-full").ask("GET", address).content.decode()
            assert "dry_run" in full
    index = Api(Authorization="Bearer token-of-sender").get("/bj_api_sync/v1/")
    assert [one["methods"] for one in index["endpoints"] if one["name"] == "grid"] == [["POST", "PUT"]]
    document = Api(Authorization="Bearer token-of-reader").get("grid.openapi.json")
    assert {method for path in document["paths"].values() for method in path} & {
        "post",
        "put",
        "delete",
    } == set()


# What Odoo and scripts say, and relations


def narrow_at(endpoint: Endpoint, **grant: Any) -> Api:
    key = AccessKey(name=f"narrow-{endpoint.name}")
    key.set_token(endpoint.name)
    key.save()
    AccessGrant.objects.create(key=key, endpoint=endpoint, **grant)
    registry.clear()
    return Api(Authorization=f"Bearer {endpoint.name}")


def test_what_odoo_says_is_not_passed_on_where_something_is_hidden(hub: Hub):
    lines = {"customer_id": LINES["customer_id"], "name": "name", "code": "barcode", "email": "email"}
    endpoint = hub.endpoint("said", "res.partner", lines, auth="bearer", mode="live")
    hub.odoo.execute("res.partner", "create", {"ref": "A", "name": "Ann", "barcode": "T-1"})
    body = {"customer_id": "B", "name": "Bob", "code": "T-1"}
    seeing_less: dict[str, Any] = {"read": ["name", "code"], "write": ["customer_id", "name", "code"]}
    for grant, passed_on in (({}, True), (seeing_less, False)):
        AccessKey.objects.all().delete()
        answer = narrow_at(endpoint, **grant).ask("POST", "said", body)
        assert answer.status_code == 400
        assert ("already has this" in answer.content.decode()) is passed_on


def test_what_a_script_says_is_not_passed_on_where_something_is_hidden(hub: Hub):
    script = {"kind": "script", "script_mode": "evaluate", "direction": "to_odoo",
              "script": "raise UserError('their email is ' + str(record.email))"}  # fmt: skip
    endpoint = hub.endpoint(
        "scripted", "res.partner", LINES | {"phone": {"field": "phone", **script}}, auth="bearer"
    )
    hub.odoo.execute("res.partner", "create", [GENT])
    hub.pull("scripted")
    for grant, passed_on in (({}, True), ({"read": NAMES, "write": ["phone"]}, False)):
        AccessKey.objects.all().delete()
        answer = narrow_at(endpoint, **grant).ask("PUT", "scripted/GENT", {"phone": "1"})
        assert answer.status_code == 400, answer.content
        assert ("hidden-a@" in answer.content.decode()) is passed_on


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_what_a_script_or_a_constant_hides_is_neither_filtered_nor_sorted_by(hub: Hub, mode: str):
    masking = {"kind": "script", "field": "email", "direction": "from_odoo",
               "script": "(record.email or '')[:2] + '***'"}  # fmt: skip
    fixed = {"field": "city", "constant": "Belgium", "direction": "from_odoo"}
    written = {"field": "zip", "direction": "to_odoo"}
    lines = {"customer_id": LINES["customer_id"], "email": "email", "masked": masking, "where": fixed,
             "code": {"field": "vat", "direction": "from_odoo"}}  # fmt: skip
    parameters = {f"{field}_like": (field, "ilike") for field in ("email", "city", "zip", "vat")}
    endpoint = hub.endpoint(
        "masked", "res.partner", lines, auth="bearer", mode=mode, parameters={**parameters, "mail": ("email", "=")}
    )  # fmt: skip
    Line.objects.create(mapping=endpoint.mapping, key="code", **written)
    hub.odoo.execute("res.partner", "create", GENT)
    if mode == "mirror":
        hub.pull("masked")
    api = narrow_at(endpoint, read=["customer_id", "masked", "where", "code", "mail"])
    shown = {"customer_id": "GENT", "masked": "hi***", "where": "Belgium", "code": None}
    assert api.get("masked/GENT") == shown
    hiding = ("masked=hidden-a@example.com", "masked=hi***", "ordering=masked", "email_like=hidden",
              "where=Gent", "ordering=-where", "city_like=Gent", "zip_like=H")  # fmt: skip
    for query in (*hiding, "cursor=&ordering=masked"):
        assert api.ask("GET", f"masked?{query}").status_code == 400, query
    # What is shown as it is, and what the key is given by name.
    for query in ("vat_like=", "code=", "ordering=code", f"mail={GENT['email']}"):
        assert "GENT" in api.names(f"masked?{query}"), query
    told = {one["name"]: one for one in api.get("masked.openapi.json")["paths"]["/masked"]["get"]["parameters"]
            if "name" in one}  # fmt: skip
    assert {"masked", "where", "email_like", "city_like", "zip_like"} & set(told) == set()
    assert {"code", "vat_like", "mail"} <= set(told)
    assert told["ordering"]["schema"]["items"]["enum"] == ["customer_id", "-customer_id", "code", "-code"]


def test_what_is_required_and_hidden_is_not_named(hub: Hub):
    lines = LINES | {"vat": {"field": "vat", "required": True}}
    endpoint = hub.endpoint("needs", "res.partner", lines, auth="bearer")
    answer = narrow_at(endpoint, read=NAMES).ask("POST", "needs", NEW)
    assert answer.status_code == 403
    assert "vat" not in answer.content.decode()


@pytest.mark.parametrize("needed", ["customer_id", "vat"])
def test_who_may_not_say_what_a_new_record_needs_is_not_offered_to_make_one(hub: Hub, needed: str):
    lines = LINES | {"vat": {"field": "vat", "required": True}}
    endpoint = hub.endpoint("needs", "res.partner", lines, auth="bearer", put_creates=True)
    others = [key for key in lines if key != needed]
    api = narrow_at(endpoint, read=[*lines], write=others)
    assert api.ask("POST", "needs", NEW | {"vat": "X"}).status_code == 403
    assert api.ask("PUT", "needs/NEW", NEW | {"vat": "X"}).status_code == 403
    paths = api.get("needs.openapi.json")["paths"]
    assert "post" not in paths["/needs"]
    assert "201" not in paths["/needs/{id}"]["put"]["responses"]
    assert "POST {{baseUrl}}" not in api.ask("GET", "needs.requests.http").content.decode()
    [index] = api.get("/bj_api_sync/v1/")["endpoints"]
    assert index["methods"] == ["GET", "PUT", "DELETE"]
    AccessGrant.objects.update(write=[*lines])
    registry.clear()
    assert "post" in api.get("needs.openapi.json")["paths"]["/needs"]


def test_a_hidden_relation_is_neither_shown_nor_written_and_one_that_decides_the_rows_stays(hub: Hub):
    country = hub.mapping("country", "res.country", {"code": {"field": "code", "identifier": True}})
    endpoint = hub.endpoint(
        "nested",
        "res.partner",
        LINES | {"country": {"field": "country_id", "nested": country}},
        auth="bearer",
    )
    [belgium] = hub.odoo.execute("res.country", "search", [("code", "=", "BE")])
    hub.odoo.execute("res.partner", "create", [GENT | {"country_id": belgium}, PARIS])
    keys: dict[str, dict[str, Any]] = {
        "narrow": {"read": NAMES},
        "belgian": {"domain": f"[('country_id', '=', {belgium})]"},
    }
    for name, grant in keys.items():
        one = AccessKey(name=name)
        one.set_token(name)
        one.save()
        AccessGrant.objects.create(key=one, endpoint=endpoint, **grant)
    registry.clear()
    hub.pull("nested")
    narrow, belgian = Api(Authorization="Bearer narrow"), Api(Authorization="Bearer belgian")
    assert "country" not in narrow.get("nested/GENT")
    assert narrow.ask("PUT", "nested/GENT", {"country": {"code": "BE"}}).status_code == 400
    assert belgian.get("nested/GENT")["country"] == "BE"
    assert belgian.ask("GET", "nested/PARIS").status_code == 404
    assert belgian.ask("PUT", "nested/GENT", {"country": "BE", "name": "A."}).status_code == 200
    assert belgian.ask("PUT", "nested/GENT", {"country": "FR"}).status_code == 403
    assert belgian.get("nested/GENT")["country"] == "BE"


def test_a_new_row_rule_hides_what_the_hub_cannot_tell_yet(hub: Hub):
    """`!=` would match every record of which the field has not been read."""
    endpoint = hub.endpoint(
        "later", "res.partner", {k: LINES[k] for k in ("customer_id", "name")}, auth="bearer"
    )
    hub.odoo.execute("res.partner", "create", [GENT, PARIS])
    hub.pull("later")
    one = AccessKey(name="not-paris")
    one.set_token("not-paris")
    one.save()
    AccessGrant.objects.create(key=one, endpoint=endpoint, domain="[('city', '!=', 'Paris')]")
    registry.clear()
    api = Api(Authorization="Bearer not-paris")
    assert api.get("later")["count"] == 0
    assert PullState.objects.get().cursor == ""  # everything is read again
    hub.pull("later")
    assert api.get("later/GENT")["name"] == "Ann"
    assert api.ask("GET", "later/PARIS").status_code == 404


DAY = "2026-03-01"
ROWS: list[list[Any]] = [
    *([("city", operator, "G_nt")] for operator in ("like", "not like", "ilike", "=like")),
    [("city", "ilike", "g%t")],
    [("city", "ilike", "G\\_nt")],
    *([("city", operator, "")] for operator in ("like", "not like", "ilike", "not ilike", ">", "=like")),
    ["!", ("city", "like", "G")],
    ["!", ("city", "=like", "G%")],
    ["!", ("city", ">", "H")],
    ["!", "|", ("city", "<", "H"), ("color", ">", 2)],
    [("category_id", "=", False)],
    [("category_id", "!=", False)],
    *([("write_date", operator, DAY)] for operator in ("<", "<=", ">", ">=")),
    ["!", ("write_date", "<=", DAY)],
    [("write_date", "in", [DAY])],
]  # fmt: skip


def test_rows_are_those_that_odoo_finds(hub: Hub):
    """Be something empty, turned round, or a day that a time is compared with."""
    lines = {k: LINES[k] for k in ("customer_id", "name")} | {"city": "city"}
    endpoint = hub.endpoint("towns", "res.partner", lines, auth="bearer", domain="[('ref', 'like', 'TOWN')]")
    [tag] = hub.odoo.execute("res.partner.category", "create", [{"name": "One"}])
    made = [("Gent", "02-28 10:00:00"), ("G_nt", "03-01 00:00:00"), ("Gint", "03-01 10:00:00"),
            ("Paris", "03-02 00:00:00"), (False, "03-02 10:00:00")]  # fmt: skip
    for place, (town, at) in enumerate(made):
        tags = [[6, 0, [tag] if place % 2 else []]]
        facts = {"ref": f"TOWN{place}", "name": "N", "city": town, "color": place, "category_id": tags}
        ids = hub.odoo.execute("res.partner", "create", [facts])
        hub.odoo.write_as_begun(f"2026-{at}.000000", "res.partner", ids, {"color": place})
    one = AccessKey(name="some")
    one.set_token("some")
    one.save()
    grant = AccessGrant.objects.create(key=one, endpoint=endpoint)
    differing = {}
    for domain in ROWS:
        AccessGrant.objects.filter(pk=grant.pk).update(domain=str(domain))
        pulls.start_over([endpoint.pk])
        registry.clear()
        hub.pull("towns")
        rule = ["&", ("ref", "like", "TOWN"), *domain]
        found = hub.odoo.execute("res.partner", "search_read", rule, fields=["ref"], order="id")
        seen = Api(Authorization="Bearer some").names("towns")
        if seen != [row["ref"] for row in found]:
            differing[str(domain)] = seen, found
    assert differing == {}


# Rotation, use, rates


@pytest.fixture
def shop(desk: Hub) -> AccessKey:
    endpoint = desk.endpoint(
        "shop", "res.partner", {"customer_id": LINES["customer_id"], "name": "name"}, auth="bearer"
    )
    key = AccessKey(endpoint=endpoint, name="shop")
    key.set_token("first")
    key.save()
    usage.forget()
    return key


def _status(token: str, endpoint: str = "shop", **options: Any) -> int:
    registry.clear()
    return int(Api(Authorization=f"Bearer {token}").ask("GET", endpoint, **options).status_code)


def test_a_new_secret_works_beside_the_old_one_until_a_date(shop: AccessKey):
    shop.set_token("second", overlap=timedelta(days=7))
    shop.save()
    assert (_status("first"), _status("second")) == (200, 200)
    # Whoever still uses the old one is told until when that goes.
    old = Api(Authorization="Bearer first").ask("GET", "shop")
    assert old["X-Access-Key-Expires"] == f"{shop.old_until:%Y-%m-%dT%H:%M:%SZ}"
    assert "X-Access-Key-Expires" not in Api(Authorization="Bearer second").ask("GET", "shop")
    shop.old_until = timezone.now()
    shop.save()
    assert (_status("first"), _status("second")) == (401, 200)


def test_without_overlap_the_old_secret_stops_at_once(shop: AccessKey):
    shop.set_token("second")
    shop.save()
    assert (_status("first"), _status("second")) == (401, 200)


def test_an_old_password_works_beside_the_new_one(desk: Hub, settings: Any):
    from tests.endpoints.test_access import basic

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    endpoint = desk.endpoint(
        "shop", "res.partner", {"customer_id": LINES["customer_id"], "name": "name"}, auth="basic"
    )
    key = AccessKey(endpoint=endpoint, name="shop")
    key.set_password("shop", "first")
    key.set_password("shop", "second", overlap=timedelta(days=1))
    key.save()
    answers = [
        Api().ask("GET", "shop", HTTP_AUTHORIZATION=basic("shop", word)).status_code
        for word in ("first", "second", "third")
    ]
    assert answers == [200, 200, 401]


def test_the_end_of_a_key_is_announced_and_then_there(shop: AccessKey):
    shop.expires_at = timezone.now() + timedelta(days=3)
    shop.save()
    assert shop.expires_soon
    registry.clear()
    answer = Api(Authorization="Bearer first").ask("GET", "shop")
    assert answer["X-Access-Key-Expires"] == f"{shop.expires_at:%Y-%m-%dT%H:%M:%SZ}"
    shop.expires_at = timezone.now()
    shop.save()
    assert _status("first") == 401


def test_a_key_may_be_good_for_some_addresses_only(shop: AccessKey):
    shop.addresses = ["203.0.113.0/24", "2001:db8::/32"]
    shop.save()
    for address, status in {
        "203.0.113.7": 200,
        "203.0.114.7": 401,
        "2001:db8::1": 200,
        "::ffff:203.0.113.7": 200,
    }.items():
        assert _status("first", REMOTE_ADDR=address) == status, address


def test_the_last_use_is_noted_but_not_with_every_request(shop: AccessKey):
    assert _status("first", REMOTE_ADDR="198.51.100.7") == 200
    shop.refresh_from_db()
    assert shop.last_used_at is not None
    assert shop.last_used_from == "198.51.100.7"
    api = Api(Authorization="Bearer first")
    api.ask("GET", "shop/nobody")
    with CaptureQueriesContext(connection) as queries:
        api.ask("GET", "shop/nobody")
    assert [query["sql"] for query in queries if "endpoints_access" in query["sql"]] == []


def test_a_rate_of_its_own_counts_over_all_endpoints(shop: AccessKey, desk: Hub):
    second = desk.endpoint(
        "second", "res.partner", {"customer_id": LINES["customer_id"], "name": "name"}, auth="bearer",
        rate_per_key="1/hour",
    )  # fmt: skip
    shop.rate = "3/hour"
    shop.save()
    AccessGrant.objects.create(key=shop, endpoint=second)
    assert [_status("first", where) for where in ("shop", "second", "second", "shop")] == [200, 200, 200, 429]
    shop.rate = "none"
    shop.save()
    assert _status("first", "second") == 200


def test_a_record_of_the_audit_log_names_the_key(shop: AccessKey):
    Api(Authorization="Bearer first").post("shop", {"customer_id": "A", "name": "Ann"})
    assert Change.objects.get().access_key == "shop"
