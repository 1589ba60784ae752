"""What changed in Odoo is in the mirror after a pull, whatever happens meanwhile."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client

from endpoints import jobs, moving, pulls, registry, touched
from endpoints.models import Change, Difference, Endpoint, PullState, Record, Run, RunKind, Touched
from mappings import walking
from mappings.clients import client_for
from mappings.domains import Domain
from mappings.models import Connection, Line, Mapping
from synchub.odoo import OdooClient
from synchub.sync import asked
from synchub.sync import touched as touched_records
from synchub.sync.deletions import sweep
from synchub.sync.pull import pull
from synchub.sync.reread import reread
from synchub.sync.runs import RunLog
from synchub.sync.tasks import read_touched
from tests.conftest import Hub
from tests.endpoints.conftest import Api
from tests.sync.batches import pushed_once
from tests.sync.test_push import post

URL = "/bj_api_sync/v1/partners"


def run_again(kind: RunKind) -> Run:
    run = jobs.ask(Endpoint.objects.get(mode="mirror").pk, kind, "boss")
    assert run is not None
    asked.carry_out(run.pk)
    run.refresh_from_db()
    assert run.state == "done", run.message
    return run


def name_of(ref: str) -> str:
    return str(Client().get(f"{URL}/{ref}").json()["name"])


def test_a_change_made_in_odoo_is_read_from_the_api_after_the_next_pull(hub: Hub):
    hub.partners()
    made = hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "A"})
    hub.pull()
    assert name_of("X1") == "A"
    hub.odoo.execute("res.partner", "write", [made], {"name": "B"})
    hub.pull()
    assert name_of("X1") == "B"


def test_the_first_pull_shows_as_a_backfill_with_counts(hub: Hub):
    hub.partners()
    hub.pull()
    run = Run.objects.get()
    assert (run.kind, run.state) == ("backfill", "done")
    assert run.seen == run.total == run.changed == Record.objects.count()


def test_what_somebody_deleted_in_odoo_and_made_anew_is_soon_shown_as_it_is_now(hub: Hub):
    """Without waiting for the search for deleted records."""
    hub.partners()
    made = hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "Old"})
    hub.pull()
    hub.odoo.execute("res.partner", "unlink", [made])
    hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "New"})
    hub.pull()
    [endpoint_id] = touched.due()
    read_touched(endpoint_id)
    assert name_of("X1") == "New"
    assert [one["name"] for one in Client().get(f"{URL}?customer_id=X1").json()["results"]] == ["New"]
    assert touched.due() == []


def test_of_two_records_of_one_name_that_are_both_there_the_first_keeps_it(hub: Hub):
    hub.partners()
    hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "First"})
    hub.pull()
    hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "Second"})
    hub.pull()
    [endpoint_id] = touched.due()
    read_touched(endpoint_id)
    assert name_of("X1") == "First"
    assert touched.due() == []
    assert not Touched.objects.exists()


@pytest.mark.parametrize("read_by", ["pull", "webhook"])
def test_a_posted_record_is_the_one_of_the_same_name_in_odoo(hub: Hub, read_by: str):
    endpoint = hub.partners()
    post({"customer_id": "X1", "name": "Posted"})
    made = hub.odoo.execute(
        "res.partner", "create", {"ref": "X1", "name": "By hand", "email": "a@example.com"}
    )
    if read_by == "pull":
        hub.pull()
    else:
        touched.note(hub.connection.pk, "res.partner", [made])
        read_touched(endpoint.pk)
    [shown] = Client().get(f"{URL}?customer_id=X1").json()["results"]
    assert (shown["name"], shown["email"]) == ("Posted", "a@example.com")
    assert Record.objects.get(external_id="X1").odoo_id == made
    hub.push()
    assert hub.in_odoo("X1") == [{"id": made, "ref": "X1", "name": "Posted"}]


@pytest.mark.parametrize("second", ["on the same page", "on another page", "archived"])
def test_a_posted_record_is_neither_of_two_of_the_same_name(hub: Hub, settings, second: str):
    settings.PULL_PAGE = 500 if second == "on the same page" else 2
    hub.partners(domain="[('ref', '=like', 'X%')]")
    archived = {"active": False} if second == "archived" else {}
    for values in ({"ref": "X1"}, {"ref": "X2"}, {"ref": "X3"}, {"ref": "X1", **archived}):
        hub.odoo.execute("res.partner", "create", {"name": "By hand", **values})
    post({"customer_id": "X1", "name": "Posted"})
    hub.pull()
    assert Record.objects.get(external_id="X1").odoo_id is None
    twins = Record.objects.filter(external_id=None).exclude(odoo_id=None)
    assert twins
    assert all("“X1”" in one.problem for one in twins)
    hub.push()
    assert [one["name"] for one in hub.in_odoo("X1")] == ["By hand", "By hand"]
    assert "Odoo has 2 records" in Change.objects.get().error


def test_what_odoo_writes_for_a_number_to_come_names_no_record(hub: Hub):
    """Drafts of invoices are all called “/”: whoever posts one so does not mean one of these."""
    hub.partners()
    made = hub.odoo.execute("res.partner", "create", [{"ref": "/", "name": name} for name in "AB"])
    sent = json.dumps({"customer_id": "/", "name": "Mine"})
    refused = Client().post(URL, sent, content_type="application/json")
    assert (refused.status_code, refused.json()["key"]) == (400, "customer_id")
    assert "names no record" in refused.json()["error"]
    hub.pull()
    kept = Record.objects.filter(odoo_id__in=made)
    assert list(kept.values_list("external_id", "problem")) == [(None, "")] * 2
    hub.odoo.execute("res.partner", "write", [made[0]], {"ref": "INV/1"})
    hub.pull()
    assert name_of("INV/1") == "A"


def test_a_name_longer_than_the_hub_can_keep_is_shown_without_one_and_listed(hub: Hub):
    """Nothing else waits for it, neither what comes in nor what goes out."""
    hub.partners()
    made = hub.odoo.execute("res.partner", "create", [{"ref": "X1", "name": "A"}, {"ref": "X2", "name": "B"}])
    hub.pull()
    hub.odoo.execute("res.partner", "write", [made[0]], {"ref": "X" * 300})
    hub.odoo.execute("res.partner", "write", [made[1]], {"name": "C"})
    assert Client().put(f"{URL}/X1", {"name": "D"}, content_type="application/json").status_code == 200
    hub.push()
    assert hub.in_odoo("X" * 300)[0]["name"] == "D"
    assert list(Change.objects.values_list("state", flat=True)) == ["applied"]
    hub.pull()
    assert name_of("X2") == "C"
    long = Record.objects.get(odoo_id=made[0])
    assert (long.external_id, json.loads(long.document)["name"]) == (None, "D")
    assert "“customer_id” has 300 characters in Odoo" in long.problem
    assert "a shorter Reference in Odoo" in long.problem
    hub.odoo.execute("res.partner", "create", {"ref": "Y" * 300, "name": "New"})
    hub.pull()
    run = Run.objects.first()
    made_long = Record.objects.latest("id")
    assert run is not None
    assert (run.kind, run.state, run.failed) == ("pull", "done", 1)
    assert run.message == f"Odoo id {made_long.odoo_id}: {made_long.problem}"
    hub.odoo.execute("res.partner", "write", [made[0]], {"ref": "X3"})
    hub.pull()
    assert name_of("X3") == "D"
    assert not Record.objects.get(odoo_id=made[0]).problem


def test_a_date_before_the_year_1000_is_shown_as_it_was_sent_and_can_be_sent_back(hub: Hub):
    hub.endpoint(
        "orders",
        "sale.order",
        {
            "reference": {"field": "client_order_ref", "identifier": True},
            "until": "validity_date",
            "at": "commitment_date",
            "years": {
                "field": "name",
                "kind": "script",
                "direction": "from_odoo",
                "script": "[record.validity_date.year, record.commitment_date.year] if record.validity_date else []",
            },
        },
        domain="[('client_order_ref', '=', 'EARLY')]",
    )
    [partner] = hub.odoo.execute("res.partner", "search", [], limit=1)
    hub.odoo.execute("sale.order", "create", {"partner_id": partner, "client_order_ref": "EARLY"})
    hub.pull("orders")
    url, early = "/bj_api_sync/v1/orders/EARLY", {"until": "0999-01-01", "at": "0099-01-01T00:00:00Z"}
    assert Client().put(url, early, content_type="application/json").status_code == 200
    hub.push("orders")
    hub.pull("orders")
    document = Client().get(url).json()
    assert document == {"reference": "EARLY", **early, "years": [999, 99]}
    del document["years"]
    assert Client().put(url, document, content_type="application/json").status_code == 200
    assert Change.objects.count() == 1


def with_countries(hub: Hub, refs: Sequence[str], **options: Any) -> tuple[list[int], int]:
    """Partners of these references, the second in Belgium, the others in France. Their ids, and Belgium's."""
    country = hub.mapping("country", "res.country", {"code": {"field": "code", "identifier": True}})
    hub.endpoint(
        "partners",
        "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "name": "name",
            "called": {"field": "display_name", "direction": "from_odoo"},
            "colour": "color",
            "country": {"field": "country_id", "nested": country},
        },
        domain="[('ref', 'like', 'ODD-')]",
        **options,
    )
    [belgium, france] = hub.odoo.execute(
        "res.country", "search", [("code", "in", ["BE", "FR"])], order="code"
    )
    values = [
        {"ref": ref, "name": "A", "color": 3, "country_id": belgium if place == 1 else france}
        for place, ref in enumerate(refs)
    ]
    return hub.odoo.execute("res.partner", "create", values), belgium


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_a_model_whose_records_bear_no_date_is_read_as_a_whole_each_time(hub: Hub, mode: str):
    hub.odoo.odd.unstamped.add("res.country")  # as Odoo's reports are
    lines = {"code": {"field": "code", "identifier": True}, "name": "name"}
    countries = hub.endpoint("countries", "res.country", lines, mode=mode)
    country = {"field": "country_id", "nested": countries.mapping}
    hub.endpoint("people", "res.partner", {"id": {"field": "ref", "identifier": True}, "country": country})
    [belgium] = hub.odoo.execute("res.country", "search", [("code", "=", "BE")])
    hub.odoo.execute("res.partner", "create", {"ref": "P-1", "name": "A", "country_id": belgium})
    for name in ("Belgium", "Belgique"):
        hub.odoo.execute("res.country", "write", [belgium], {"name": name})
        hub.pull("countries")
        assert Client().get("/bj_api_sync/v1/countries/BE").json() == {"code": "BE", "name": name}
    assert PullState.objects.filter(endpoint=countries).exclude(last_error="").count() == 0
    hub.pull("people")
    assert Client().get("/bj_api_sync/v1/people/P-1").json()["country"] == {"code": "BE", "name": "Belgique"}


def test_a_page_that_odoo_left_some_out_of_is_not_the_last(hub: Hub, settings):
    """As it does with messages: after it has limited the search."""
    settings.PULL_PAGE = 5
    tag = "res.partner.category"
    lines = {"id": {"field": "id", "identifier": True, "direction": "from_odoo"}, "name": "name"}
    hub.endpoint("tags", tag, lines)
    hub.endpoint("tags-live", tag, lines, mode="live")
    old = hub.odoo.execute(tag, "search", [])
    made = hub.odoo.execute(tag, "create", [{"name": f"M-{n}"} for n in range(30)])
    # One of a page, more than two pages at once, and one of the last page.
    left_out = {made[1], *made[4:18], made[-2]}
    hub.odoo.odd.sifted[tag] |= left_out
    all_others = sorted({*old, *made} - left_out)

    with client_for(Connection.objects.get()) as client:

        def read(domain: Domain, limit: int) -> list[dict[str, Any]]:
            return client.search_read(tag, domain, ["name"], limit=limit, order="id")

        sizes = [
            len(page.rows) for page in walking.pages(client, tag, [], read, lambda row: int(row["id"]), 5)
        ]
    assert (sum(sizes), max(sizes)) == (len(all_others), 5)

    hub.pull("tags")
    assert list(Record.objects.order_by("odoo_id").values_list("odoo_id", flat=True)) == all_others
    run = Run.objects.get()
    assert (run.state, run.seen, run.total) == ("done", len(all_others), len(all_others))
    run_again(RunKind.AUDIT)
    assert not Difference.objects.exists()

    walked, url = [], "/bj_api_sync/v1/tags-live?limit=5&cursor="
    while url:
        page = Client().get(url).json()
        walked += [one["id"] for one in page["results"]]
        url = page["next"]
    assert walked == all_others


def test_records_whose_ids_are_below_zero_are_records_like_others(hub: Hub):
    """As reports of Odoo have them, which put several tables one under the other."""
    lines = {"id": {"field": "id", "identifier": True, "direction": "from_odoo"}, "name": "name"}
    hub.endpoint("tags", "res.partner.category", lines)
    made = hub.odoo.execute("res.partner.category", "create", [{"name": "A"}, {"name": "B"}])
    with hub.odoo._store.transaction(writes=True) as database:
        database.execute("UPDATE res_partner_category SET id = -id WHERE id IN (?, ?)", made)
    hub.pull("tags")
    url = f"/bj_api_sync/v1/tags/-{made[0]}"
    assert Client().get(url).json() == {"id": -made[0], "name": "A"}
    hub.odoo.execute("res.partner.category", "unlink", [-made[0]])
    hub.sweep("tags")
    assert Client().get(url).status_code == 404
    assert Client().get(f"/bj_api_sync/v1/tags/-{made[1]}").status_code == 200


def test_a_relation_to_a_record_that_the_hub_may_not_see_keeps_nobody_back(hub: Hub):
    made, belgium = with_countries(hub, ["ODD-0", "ODD-1", "ODD-2"])
    hub.odoo.odd.hide("res.country", [belgium])
    hub.pull()
    shown = [Client().get(f"{URL}/ODD-{n}").json()["country"] for n in range(3)]
    assert shown == ["FR", None, "FR"]
    odd = Record.objects.exclude(problem="").get()
    assert odd.odoo_id == made[1]
    assert (
        f"“country” is shown as empty: Odoo does not tell the hub what res.country {belgium} has"
        in odd.problem
    )
    run = Run.objects.get()
    assert (run.state, run.failed, run.message) == ("done", 1, f"Odoo id {made[1]}: {odd.problem}")
    # What was read can be sent back: nothing is taken away in Odoo.
    document = Client().get(f"{URL}/ODD-1").json()
    del document["called"]
    assert Client().put(f"{URL}/ODD-1", document, content_type="application/json").status_code == 200
    assert not Change.objects.exists()
    hub.odoo.odd.clear()
    run_again(RunKind.REREAD)
    assert Client().get(f"{URL}/ODD-1").json()["country"] == "BE"
    assert not Record.objects.exclude(problem="").exists()


def test_a_list_and_a_yes_that_odoo_does_not_tell_can_be_sent_back_and_stay_as_they_are(hub: Hub):
    """As of a model to which the hub's user has no right."""
    tags = {"field": "category_id"}
    hub.endpoint(
        "partners",
        "res.partner",
        {"id": {"field": "ref", "identifier": True}, "name": "name", "tags": tags, "company": "is_company"},
    )
    [tag] = hub.odoo.execute("res.partner.category", "search", [], limit=1)
    made = hub.odoo.execute(
        "res.partner",
        "create",
        {"ref": "T-1", "name": "A", "is_company": True, "category_id": [(6, 0, [tag])]},
    )
    hub.odoo.odd.swell("res.partner", made, "category_id")
    hub.odoo.odd.swell("res.partner", made, "is_company")
    hub.pull()
    shown = Client().get(f"{URL}/T-1").json()
    assert shown == {"id": "T-1", "name": "A", "tags": None, "company": None}
    answer = Client().put(f"{URL}/T-1", json.dumps(shown | {"name": "B"}), content_type="application/json")
    assert answer.status_code == 200
    assert Change.objects.get().values == {"name": "B"}
    hub.odoo.odd.clear()
    hub.push()
    assert Client().get(f"{URL}/T-1").json() == {"id": "T-1", "name": "B", "tags": [tag], "company": True}


def test_a_value_that_odoo_cannot_tell_keeps_nobody_back(hub: Hub, settings):
    settings.PULL_PAGE = 100
    made, _ = with_countries(hub, [f"ODD-{n:03}" for n in range(150)])
    hub.odoo.odd.swell("res.partner", made[70], "color")
    hub.odoo.calls.clear()
    hub.pull()
    assert len(hub.odoo.calls) <= 50
    assert Record.objects.count() == 150
    odd = Record.objects.exclude(problem="").get()
    document = json.loads(odd.document)
    assert (odd.odoo_id, document["colour"], document["name"], document["country"]) == (
        made[70],
        None,
        "A",
        "FR",
    )
    assert (
        f"“colour” is shown as empty: Odoo does not tell the hub what res.partner {made[70]} has"
        in odd.problem
    )
    assert "(int exceeds XML-RPC limits)" in odd.problem
    assert PullState.objects.get().complete
    hub.odoo.odd.clear()
    hub.odoo.execute("res.partner", "write", [made[70]], {"color": 4})
    hub.pull()
    assert Client().get(f"{URL}/ODD-070").json()["colour"] == 4
    assert not Record.objects.exclude(problem="").exists()


@pytest.mark.parametrize("first", [True, False])
def test_many_values_that_odoo_cannot_tell_keep_nobody_back(hub: Hub, first: bool):
    """A third of a page, each with the field it is about; where they are its first ones, none is told before them."""
    made, _ = with_countries(hub, [f"ODD-{n:03}" for n in range(90)])
    odd = set(made[:30] if first else made[::3])
    for one in odd:
        hub.odoo.odd.swell("res.partner", one, "color")
    hub.odoo.calls.clear()
    hub.pull()
    assert len(hub.odoo.calls) < 320
    assert PullState.objects.get().complete
    assert Record.objects.count() == 90
    assert set(Record.objects.exclude(problem="").values_list("odoo_id", flat=True)) == odd
    for record in Record.objects.all():
        document = json.loads(record.document)
        assert (document["colour"] is None) == (record.odoo_id in odd)
        assert (document["name"], document["country"]) == ("A", "FR") or record.odoo_id == made[1]
    run = Run.objects.get()
    assert (run.state, run.failed) == ("done", 30)
    assert "“colour” is shown as empty" in run.message
    assert "And 10 more, which the list of records has." in run.message


def test_what_no_record_is_at_fault_for_is_the_endpoints_trouble(hub: Hub):
    """Nothing is emptied because Odoo refuses the model, or all of it."""
    made, _ = with_countries(hub, [f"ODD-{n}" for n in range(30)])
    hub.pull()
    hub.odoo.execute("res.partner", "write", made, {"name": "B"})
    for one in made:
        hub.odoo.odd.swell("res.partner", one, "color")
    hub.odoo.calls.clear()
    hub.pull()
    assert "Odoo tells the field color of res.partner of no record" in PullState.objects.get().last_error
    assert len(hub.odoo.calls) < 60
    hub.odoo.odd.clear()
    hub.odoo.faults.arm("no_right", times=-1, model="res.country")
    hub.pull()
    assert PullState.objects.get().last_error
    assert [name_of("ODD-0"), Client().get(f"{URL}/ODD-1").json()["country"]] == ["A", "BE"]
    hub.odoo.faults.clear()
    hub.pull()
    assert name_of("ODD-0") == "B"


@pytest.mark.parametrize(("mode", "apart"), [("mirror", False), ("mirror", True), ("live", False)])
def test_what_is_no_number_in_odoo_is_shown_as_empty_and_keeps_nobody_back(hub: Hub, mode: str, apart: bool):
    """Also where values are told one by one, as another record's cannot be."""
    lines = {
        "id": {"field": "ref", "identifier": True},
        "name": "name",
        "latitude": "partner_latitude",
        "rounded": {"field": "partner_latitude", "decimals": 2, "direction": "from_odoo"},
        "text": {"field": "partner_longitude", "decimal_sign": ",", "direction": "from_odoo"},
    }
    hub.endpoint("partners", "res.partner", lines, mode=mode, domain="[('ref', 'in', ['N-1', 'N-2'])]")
    given = [{"ref": "N-1", "name": "A"}, {"ref": "N-2", "name": "B", "partner_latitude": 1.5}]
    first, second = hub.odoo.execute("res.partner", "create", given)
    hub.odoo.odd.swell("res.partner", first, "partner_latitude", float("nan"))
    hub.odoo.odd.swell("res.partner", first, "partner_longitude", float("-inf"))
    if apart:
        hub.odoo.odd.swell("res.partner", second, "partner_latitude")
    if mode == "mirror":
        hub.pull()
        problem = Record.objects.get(external_id="N-1").problem
        assert (
            f"Odoo does not tell the hub what res.partner {first} has (it is no number, but nan)" in problem
        )
        assert bool(Record.objects.get(external_id="N-2").problem) == apart
    found = Client().get("/bj_api_sync/v1/partners").json()["results"]
    nothing = {"latitude": None, "rounded": None, "text": None}
    assert found == [
        {"id": "N-1", "name": "A", **nothing},
        {
            "id": "N-2",
            "name": "B",
            **dict.fromkeys(("latitude", "rounded"), None if apart else 1.5),
            "text": "0",
        },
    ]


def test_what_is_read_back_after_a_push_comes_without_the_one_that_odoo_does_not_tell(hub: Hub, settings):
    settings.UNDO_DAYS = 0  # nothing is read before
    made, belgium = with_countries(hub, ["ODD-0", "ODD-1", "ODD-2"], conflicts="hub")
    hub.pull()
    hub.odoo.odd.hide("res.country", [belgium])
    hub.odoo.odd.swell("res.partner", made[2], "color")
    for number in range(3):
        Client().put(f"{URL}/ODD-{number}", {"name": "B"}, content_type="application/json")
    hub.push()
    documents = [Client().get(f"{URL}/ODD-{n}").json() for n in range(3)]
    assert [one["called"] for one in documents] == ["B", "B", "B"]
    assert [one["country"] for one in documents] == ["FR", None, "FR"]
    assert list(Record.objects.order_by("odoo_id").values_list("state", flat=True)) == ["synced"] * 3
    assert [bool(one) for one in Record.objects.order_by("odoo_id").values_list("problem", flat=True)] == [
        False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize("domain", ["", "[('ref', '!=', False)]"])
def test_a_record_that_odoo_hides_once_it_is_written_says_so(hub: Hub, domain: str):
    """An order that is given to another salesman, where each sees his own."""
    hub.partners(domain=domain)
    for name in ("X1", "X2"):
        post({"customer_id": name, "name": "A"})
    hub.push()
    hidden = Record.objects.get(external_id="X1").odoo_id or 0
    for name in ("X1", "X2"):
        Client().put(f"{URL}/{name}", {"name": "B"}, content_type="application/json")
    pushed_once(hub, prepared=lambda: hub.odoo.odd.hide("res.partner", [hidden]))
    problems = dict(Record.objects.filter(state="synced").values_list("external_id", "problem"))
    assert problems["X2"] == ""
    assert "does not show this record to the hub's user since" in problems["X1"]


def test_an_endpoint_with_nothing_new_makes_no_run_and_reads_little(hub: Hub):
    hub.partners()
    hub.pull()
    hub.odoo.calls.clear()
    hub.pull()
    assert Run.objects.count() == 1
    assert len(hub.odoo.calls) <= 3


def test_reading_everything_anew_survives_a_walk_that_is_under_way(hub: Hub, settings):
    settings.PULL_PAGE = 10
    endpoint = hub.partners()
    hub.pull()
    for one in Record.objects.all()[:3]:
        hub.odoo.execute("res.partner", "write", [one.odoo_id], {"comment": "touched"})

    from mappings import nested

    read = nested.Reader.inner

    def interrupting(self, spec, rows):
        pulls.start_over([endpoint.pk])
        return read(self, spec, rows)

    nested.Reader.inner = interrupting  # type: ignore[method-assign]  # a person clicks in the middle of a walk
    try:
        hub.pull()
    finally:
        nested.Reader.inner = read  # type: ignore[method-assign]
    state = PullState.objects.get()
    assert (state.cursor, state.complete) == ("", False)
    hub.pull()
    state.refresh_from_db()
    assert state.complete
    assert state.cursor


def test_a_transaction_of_odoo_that_ends_late_is_picked_up(hub: Hub):
    hub.partners()
    made = hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "A"})
    hub.pull()
    with ThreadPoolExecutor() as pool, hub.odoo.faults.hold("late_commit", method="write") as call:
        late = pool.submit(_write, hub.connection, made)
        call.wait()
        # This row is stamped later than the one that is still being written, and pulled before it.
        hub.odoo.execute("res.partner", "create", {"ref": "X2", "name": "C"})
        hub.pull()
        assert (name_of("X1"), name_of("X2")) == ("A", "C")
        call.let_go()
        late.result()
    hub.pull()
    assert name_of("X1") == "B"


def _write(connection: Connection, odoo_id: int) -> None:
    with OdooClient(connection.access()) as client:
        client.write("res.partner", [odoo_id], {"name": "B"})


@pytest.mark.parametrize("story", ["pull", "read again", "event"])
def test_what_was_read_before_the_mapping_got_another_model_is_not_merged(hub: Hub, story: str):
    endpoint = hub.partners()
    before = registry.get("partners")  # as a worker has it that began a moment ago
    hub.mapping("countries", "res.country", {"name": {"field": "name", "identifier": True}})
    client = OdooClient(hub.connection.access())
    run = Run.objects.create(endpoint=endpoint, kind=RunKind.REREAD)
    Touched.objects.create(endpoint=endpoint, odoo_id=1)
    Mapping.objects.filter(pk=endpoint.mapping_id).update(model="res.country")
    endpoint.mapping.lines.exclude(key="name").delete()
    endpoint.mapping.lines.update(identifier=True)
    registry.clear()
    if story == "pull":
        pull(before)
    elif story == "event":
        touched_records.read(before)
    else:
        with pytest.raises(moving.Moved):
            reread(before, client, RunLog(endpoint.pk, RunKind.REREAD, asked=run), run)
    assert not Record.objects.exists()
    hub.pull()
    there = hub.odoo.execute("res.country", "search", [])
    assert set(Record.objects.values_list("odoo_id", flat=True)) == set(there)


def test_what_could_not_be_read_for_weeks_is_read_in_the_end(hub: Hub):
    """Each try is counted, twice a minute."""
    endpoint = hub.partners()
    hub.pull()
    there = hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "A"})
    Touched.objects.create(endpoint=endpoint, odoo_id=there, tries=32_767)
    touched_records.read(registry.get("partners"))
    assert Record.objects.filter(odoo_id=there).exists()
    assert not Touched.objects.exists()


def test_what_odoo_has_refused_is_shown_as_the_mapping_is_now(hub: Hub):
    api = Api()
    country = hub.mapping("country", "res.country", {"code": {"field": "code", "identifier": True}})
    lines = {
        "id": {"field": "ref", "identifier": True},
        "name": "name",
        "secret": "comment",
        "land": {"field": "country_id", "nested": country},
    }
    hub.endpoint("partners", "res.partner", lines)
    hub.odoo.faults.arm("no_right", times=-1, method="load")
    api.post("partners", {"id": "X1", "name": "Ann", "secret": "s", "land": "BE"})
    hub.push()
    hub.pull()
    Line.objects.filter(key="secret").delete()
    for was, now in (("name", "full.name"), ("land", "country")):
        line = Line.objects.get(key=was, mapping__name="partners")
        line.key = now
        line.save()
    registry.clear()
    hub.pull()
    assert api.get("partners/X1") == {"id": "X1", "full": {"name": "Ann"}, "country": "BE"}
    after = Record.objects.get(external_id="X1")
    assert after.state == "failed"
    hub.pull()
    assert Record.objects.get(external_id="X1").version == after.version
    hub.odoo.faults.clear()
    api.put("partners/X1", {"full": {"name": "Bea"}})
    hub.push()
    assert api.get("partners/X1") == {"id": "X1", "full": {"name": "Bea"}, "country": "BE"}


def test_what_was_missing_before_the_mapping_got_another_model_is_not_removed(hub: Hub):
    endpoint = hub.partners()
    hub.pull()
    before = registry.get("partners")  # as a worker has it that began a moment ago
    hub.mapping("countries", "res.country", {"name": {"field": "name", "identifier": True}})
    Record.objects.all().delete()
    Mapping.objects.filter(pk=endpoint.mapping_id).update(model="res.country")
    endpoint.mapping.lines.exclude(key="name").delete()
    endpoint.mapping.lines.update(identifier=True)
    registry.clear()
    hub.pull()
    there = set(Record.objects.values_list("odoo_id", flat=True))
    partners = hub.odoo.execute("res.partner", "search", [])
    assert there - set(partners)
    PullState.objects.update(deletions_confirmed=True)  # so that the brake does not hide it
    sweep(before)
    assert set(Record.objects.filter(deleted_at=None).values_list("odoo_id", flat=True)) == there
