"""Requests of consumers in the audit log."""

import json

import pytest
from django.db import connection
from django.db.models import Count
from django.test import Client

from endpoints.api import strangers
from endpoints.api.strangers import FIRST_ONES, OF_ONE_ADDRESS
from endpoints.models import AccessKey, Endpoint
from synchub.audit.buffer import BUFFER
from synchub.audit.models import Exchange
from tests.conftest import Hub
from tests.endpoints.conftest import Api

URL = "/bj_api_sync/v1/partners"
TOKEN = "t0ken-of-the-shop"


def kept() -> Exchange:
    BUFFER.flush()
    return Exchange.objects.get(direction="in")


@pytest.fixture
def shop(desk: Hub) -> Api:
    endpoint = desk.partners(auth="bearer")
    key = AccessKey(endpoint=endpoint, name="shop")
    key.set_token(TOKEN)
    key.save()
    return Api(Authorization=f"Bearer {TOKEN}")


class TestWrites:
    def test_is_kept_whole_with_who_asked_and_under_which_id(self, shop: Api):
        answer = shop.ask(
            "POST",
            "partners",
            {"customer_id": "X1", "name": "A"},
            headers={"X-Request-ID": "order-17", "Idempotency-Key": "k-1"},
        )
        assert answer.status_code == 201
        found = kept()
        assert (found.request_id, found.endpoint, found.access_key, found.method, found.status) == (
            "order-17", "partners", "shop", "POST", "201",
        )  # fmt: skip
        assert (found.target, found.address, found.failed, found.lacks) == (URL, "127.0.0.1", False, "")
        assert json.loads(found.request) == {"customer_id": "X1", "name": "A"}
        assert json.loads(found.response)["customer_id"] == "X1"
        assert json.loads(found.headers)["Idempotency-Key"] == "k-1"
        assert found.record == "X1"

    def test_is_there_with_the_write_before_it_is_answered(self, shop: Api):
        shop.post("partners", {"customer_id": "X1", "name": "A"})
        found = Exchange.objects.get(direction="in")
        assert (found.status, found.failed, found.request != "") == ("accepted", False, True)

    @pytest.mark.parametrize(
        ("method", "path", "body", "status"),
        [("PUT", "partners/X1", {"name": "B"}, "200"), ("DELETE", "partners/X1", None, "200")],
    )
    def test_a_change_is_found_by_its_record(self, shop: Api, method, path, body, status):
        shop.post("partners", {"customer_id": "X1", "name": "A"})
        shop.ask(method, path, body)
        BUFFER.flush()
        assert Exchange.objects.get(record="X1", method=method).status == status

    def test_a_refusal_is_kept_once_with_what_was_answered(self, desk: Hub, api: Api):
        desk.partners()
        api.post("partners", {"customer_id": "X1"}, status=400)
        found = kept()
        assert (found.status, found.failed) == ("400", True)
        assert "“name” is required" in found.response

    def test_what_was_refused_after_it_was_noted_is_one_exchange(self, hub: Hub, api: Api):
        hub.partners()
        body = {"customer_id": "X1", "name": "A"}
        api.post("partners", body)
        api.post("partners", body, status=409)
        BUFFER.flush()
        statuses = Exchange.objects.filter(direction="in").order_by("id").values_list("status", flat=True)
        assert list(statuses) == ["201", "409"]

    def test_a_list_too_long_is_cut(self, desk: Hub, api: Api, settings):
        settings.EXCHANGE_BODY = 50
        desk.partners()
        api.post("partners", [{"customer_id": f"ä{n}", "name": "A"} for n in range(9)])
        found = kept()
        assert (len(found.request), found.lacks) == (50, "rest")
        assert len(found.response) == 50

    def test_no_bodies_where_none_are_wanted(self, desk: Hub, api: Api, settings):
        settings.EXCHANGE_BODY = 0
        desk.partners()
        api.post("partners", {"customer_id": "X1", "name": "A"})
        found = kept()
        assert (found.request, found.response, found.lacks) == ("", "", "body")

    def test_a_body_without_json_is_kept(self, desk: Hub, api: Api):
        desk.partners()
        api.ask("POST", "partners", raw=b'{"name": "A\x00\xff", ')
        found = kept()
        assert (found.status, found.request) == ("400", '{"name": "A��", ')


class TestReads:
    def test_a_list_is_kept_without_what_was_read(self, shop: Api):
        shop.get("partners", {"limit": "5"})
        found = kept()
        assert (found.method, found.status, found.target) == ("GET", "200", f"{URL}?limit=5")
        assert (found.access_key, found.response, found.failed) == ("shop", "", False)
        assert found.response_bytes > 0

    def test_a_list_is_not_written_while_it_is_answered(self, shop: Api):
        shop.get("partners")
        assert not Exchange.objects.filter(direction="in").exists()

    def test_bodies_are_kept_where_that_is_wanted(self, shop: Api, settings):
        settings.EXCHANGE_READ_BODIES = True
        shop.get("partners")
        assert json.loads(kept().response)["results"] == []

    def test_only_failures_are_kept_where_reads_are_not_wanted(self, shop: Api, settings):
        settings.EXCHANGE_READS = False
        shop.get("partners")
        shop.get("partners/nobody", status=404)
        found = kept()
        assert (found.status, found.record) == ("404", "nobody")
        assert "nobody" in found.response

    @pytest.mark.parametrize(
        ("path", "status"),
        [("nothing", 404), ("", 200), ("openapi.json", 200), ("partners/sync-state", 200), ("A/B", 404)],
    )
    def test_every_address_of_the_api_is_kept(self, desk: Hub, api: Api, path, status):
        desk.partners()
        api.get(f"/bj_api_sync/v1/{path}", status=status)
        found = kept()
        assert (found.target, found.status) == (f"/bj_api_sync/v1/{path}", str(status))


class TestStrangers:
    """Who is let in nowhere cannot fill the disk with refusals."""

    def counted(self) -> dict[str, int]:
        BUFFER.flush()
        found = Exchange.objects.filter(direction="in").values_list("address").annotate(count=Count("pk"))
        return dict(found.order_by("address"))

    @pytest.mark.parametrize(
        ("method", "path"), [("GET", "partners"), ("POST", "partners"), ("GET", "no-such-endpoint")]
    )
    def test_some_of_each_address_are_kept_and_the_rest_is_counted_in_the_log(
        self, shop: Api, method, path, monkeypatch, caplog
    ):
        stranger = Api(Authorization="Bearer guessed")
        for _ in range(OF_ONE_ADDRESS + 5):
            assert stranger.ask(method, path, {} if method == "POST" else None).status_code in (401, 404)
        other = Client(REMOTE_ADDR="192.0.2.7")
        other.generic(method, f"/bj_api_sync/v1/{path}")
        assert self.counted() == {"127.0.0.1": OF_ONE_ADDRESS, "192.0.2.7": 1}
        monkeypatch.setattr(strangers, "_MINUTE", 0.0)
        stranger.ask(method, path)
        assert self.counted()["127.0.0.1"] == OF_ONE_ADDRESS + 1
        assert "5 refusals of a minute are not in the audit log" in caplog.text

    @pytest.mark.parametrize(("method", "status"), [("GET", 405), ("POST", 404)])
    def test_nor_can_who_guesses_the_address_that_odoo_tells(self, shop: Api, method, status):
        for number in range(OF_ONE_ADDRESS + 5):
            assert Client().generic(method, f"/odoo_events/guess-{number}").status_code == status
        assert self.counted() == {"127.0.0.1": OF_ONE_ADDRESS}

    def test_nor_can_many_addresses(self, shop: Api, monkeypatch):
        monkeypatch.setattr(strangers, "OF_ALL", 20)
        monkeypatch.setattr(strangers, "OF_FIRST_ONES", 30)
        for number in range(100):
            Client(REMOTE_ADDR=f"192.0.2.{number}").get(URL)
        assert sum(self.counted().values()) == 50

    def test_nor_can_ten_addresses_keep_all_others_out(self, shop: Api, monkeypatch):
        monkeypatch.setattr(strangers, "OF_ALL", 20)
        for number in range(10):
            for _ in range(FIRST_ONES + 4):
                Client(REMOTE_ADDR=f"192.0.2.{number}").get(URL)
        for _ in range(FIRST_ONES + 4):
            Client(REMOTE_ADDR="198.51.100.7").get(URL)
        counted = self.counted()
        assert counted["198.51.100.7"] == FIRST_ONES
        assert sum(counted.values()) == 20 + 11 * FIRST_ONES

    def test_what_was_left_out_is_told_though_nobody_asks_any_more(self, shop: Api, monkeypatch, caplog):
        for _ in range(OF_ONE_ADDRESS + 5):
            Client(REMOTE_ADDR="192.0.2.7").get(URL)
        BUFFER.flush()
        assert "not in the audit log" not in caplog.text
        monkeypatch.setattr(strangers, "_MINUTE", 0.0)
        for _ in range(2):
            BUFFER.flush()
        [told] = [one.getMessage() for one in caplog.records if "not in the audit log" in one.getMessage()]
        assert told.startswith("5 refusals of a minute")
        assert told.endswith("5 times from 192.0.2.7.")

    def test_what_is_refused_to_those_who_are_let_in_is_all_kept(self, shop: Api):
        for _ in range(OF_ONE_ADDRESS + 5):
            assert shop.ask("GET", "partners/nobody").status_code == 404
        assert self.counted() == {"127.0.0.1": OF_ONE_ADDRESS + 5}

    def test_who_has_an_access_key_and_asks_too_often_is_no_stranger_and_stands_there_by_name(
        self, shop: Api
    ):
        Endpoint.objects.update(rate_per_key="5/minute")
        for _ in range(OF_ONE_ADDRESS + 10):
            shop.ask("GET", "partners")
        BUFFER.flush()
        refused = Exchange.objects.filter(direction="in", status="429")
        assert {one.access_key for one in refused} == {"shop"}
        assert len(refused) == OF_ONE_ADDRESS + 5


class TestSecrets:
    def test_the_access_key_is_hidden_wherever_it_is_put(self, shop: Api):
        shop.ask("POST", f"partners?x={TOKEN}", {"customer_id": "X1", "name": f"A {TOKEN} B"})
        found = kept()
        assert TOKEN not in str(Exchange.objects.values())
        assert found.lacks == "secrets"

    @pytest.mark.parametrize(
        "body",
        [
            {"password": "hunter22"},
            {"a": [{"b": {"API-Key": {"deep": ["hunter22"]}}}]},
            {"clientSecret": "hunter22", "customer_id": "hunter22"},
            {"smtp_pass": "hunter22"},
        ],
    )
    def test_what_is_named_as_a_secret_is_hidden(self, desk: Hub, api: Api, body):
        desk.partners()
        api.post("partners", {"name": "A"} | body, status=400)
        found = kept()
        assert "hunter22" not in str(Exchange.objects.values())
        assert (found.lacks, json.loads(found.request)["name"]) == ("secrets", "A")

    def test_what_is_no_json_is_hidden_as_well(self, desk: Hub, api: Api):
        desk.partners()
        api.ask("POST", "partners", raw=b"{'password': 'hunter22', token=hunter22")
        assert "hunter22" not in str(Exchange.objects.values())

    def test_names_of_the_installation_are_hidden_too(self, desk: Hub, api: Api, settings):
        settings.EXCHANGE_SECRETS = ["E-Mail"]
        desk.partners()
        api.post("partners", {"customer_id": "X1", "name": "A", "email": "a@b.example"})
        BUFFER.flush()
        assert "a@b.example" not in str(Exchange.objects.filter(direction="in").values())

    def test_a_secret_behind_the_cut_is_not_told_by_the_error_either(self, desk: Hub, api: Api, settings):
        settings.EXCHANGE_BODY = 60
        desk.partners()
        body = {"customer_id": "X1", "name": "A", "kind": "hunter22", "token": "hunter22"}
        api.post("partners", body, status=400)
        assert "hunter22" not in str(Exchange.objects.values())

    def test_a_secret_in_a_query_is_hidden(self, desk: Hub, api: Api):
        desk.partners()
        api.get("partners", {"api_key": "hunter22"}, status=400)
        assert kept().target == f"{URL}?api_key=•••"


def test_what_breaks_is_kept_with_what_broke(hub: Hub):
    hub.partners()
    client = Client(raise_request_exception=False)
    client.get(URL)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE endpoints_record RENAME TO elsewhere")
        answer = client.get(URL, headers={"X-Request-ID": "broken"})
        cursor.execute("ALTER TABLE elsewhere RENAME TO endpoints_record")
    assert answer.status_code == 500
    BUFFER.flush()
    found = Exchange.objects.get(request_id="broken")
    assert (found.status, found.failed, found.endpoint) == ("500", True, "partners")
    assert "endpoints_record" in found.response
