"""`GET /<endpoint>/changes`: whoever follows it ends up with what the endpoint has, and misses nothing."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from endpoints import feed, registry
from endpoints.models import AccessGrant, AccessKey, Endpoint, PullState, Record
from synchub.sync.sweep import clean
from tests.conftest import Hub
from tests.endpoints.conftest import Api
from tests.sessions import others_are_told_apart


@pytest.fixture
def partners(hub: Hub) -> Hub:
    hub.endpoint(
        "partners", "res.partner", {"customer_id": {"field": "ref", "identifier": True}, "name": "name"},
        domain="[('ref', '!=', False)]", on_delete="unlink",
    )  # fmt: skip
    PullState.objects.create(endpoint=Endpoint.objects.get())
    return hub


class Follower:
    """A consumer with a copy of its own, kept by what the feed tells; by handle, as the documentation has it."""

    def __init__(self, limit: int = 100, since: str = "") -> None:
        self.copy: dict[str, Any] = {}
        self.told: list[tuple[str, str | None]] = []
        self._address = f"/bj_api_sync/v1/partners/changes?limit={limit}" + (
            f"&since={since}" if since else ""
        )

    def follow(self) -> list[tuple[str, str | None]]:
        """All there is to be told for now."""
        others_are_told_apart()
        self.told = []
        while True:
            page = Api().get(self._address)
            for one in page["results"]:
                self.told.append((one["change"], one["id"]))
                if one["change"] == "deleted":
                    self.copy.pop(one["handle"], None)
                else:
                    self.copy[one["handle"]] = one["record"]
            self._address = page["next"].removeprefix("http://testserver")
            if not page["more"]:
                return self.told

    def has_what_there_is(self) -> bool:
        there = Api().get("partners", {"limit": 1000})["results"]
        return sorted(self.copy.values(), key=str) == sorted(there, key=str)

    @property
    def token(self) -> str:
        return parse_qs(urlsplit(self._address).query)["since"][0]


def post(*names: str) -> None:
    Api().post("partners", [{"customer_id": name, "name": name} for name in names])


def test_what_is_created_changed_and_deleted_is_told_in_order(partners: Hub):
    follower = Follower()
    post("A", "B", "C")
    assert follower.follow() == [("created", "A"), ("created", "B"), ("created", "C")]
    assert follower.follow() == []
    Api().put("partners/B", {"name": "Bob"})
    Api().delete("partners/A")
    post("D")
    Api().put("partners/D", {"name": "Dora"})
    assert follower.follow() == [("changed", "B"), ("deleted", "A"), ("created", "D")]
    post("E")
    Api().delete("partners/E")
    assert follower.follow() == []  # who never saw it need not forget it
    Api().post("partners", {"customer_id": "A", "name": "Again"})
    assert follower.follow() == [("created", "A")]
    assert follower.has_what_there_is()


def test_a_deletion_tells_what_there_was(partners: Hub, api: Api):
    post("A")
    follower = Follower(since="now")
    follower.follow()
    api.delete("partners/A")
    others_are_told_apart()
    [entry] = api.get("partners/changes", {"since": follower.token})["results"]
    assert entry["record"] == {"customer_id": "A", "name": "A"}
    assert entry["handle"] == f"~{Record.objects.get().handle}"


def test_since_now_and_chosen_keys(partners: Hub, api: Api):
    post("A")
    page = api.get("partners/changes", {"since": "now"})
    assert (page["results"], page["more"]) == ([], False)
    post("B")
    query = {"since": page["since"], "fields": "name", "limit": 1}
    others_are_told_apart()
    assert [one["record"] for one in api.get("partners/changes", query)["results"]] == [{"name": "B"}]


def test_odoos_changes_are_told_and_what_is_the_same_is_not(partners: Hub):
    partners.pull()
    follower = Follower(since="now")
    follower.follow()
    post("A")
    partners.push()
    assert follower.follow() == [("created", "A")]
    partners.pull()
    partners.pull()
    assert follower.follow() == []
    ids = [one["id"] for one in partners.in_odoo("A")]
    partners.odoo.execute("res.partner", "write", ids, {"name": "Anna"})
    partners.pull()
    assert follower.follow() == [("changed", "A")]
    partners.odoo.execute("res.partner", "unlink", ids)
    PullState.objects.update(deletions_confirmed=True)
    partners.sweep()
    assert follower.follow() == [("deleted", "A")]


@contextmanager
def another_session(database: str | None = None) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**_where() | ({"dbname": database} if database else {})) as session:
        yield session


def _where() -> dict[str, Any]:
    facts = settings.DATABASES["default"] | {"NAME": connection.settings_dict["NAME"]}
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return {name: facts[key] for name, key in names.items() if facts.get(key)}


def test_a_transaction_that_is_still_open_is_waited_for_and_not_skipped(partners: Hub):
    """Its number is lower than those of the changes that were committed meanwhile."""
    post("A", "B")
    follower = Follower(since="now")
    follower.follow()
    with another_session() as open_one:
        open_one.execute("UPDATE endpoints_record SET document = '{\"customer_id\": \"A\", \"name\": \"x\"}' "
                         "WHERE external_id = 'A'")  # fmt: skip
        post("C")
        Api().put("partners/B", {"name": "Bob"})
        assert follower.follow() == []
        open_one.commit()
        assert follower.follow() == [("changed", "A"), ("created", "C"), ("changed", "B")]
    with another_session() as given_up:
        given_up.execute("UPDATE endpoints_record SET document = '{}' WHERE external_id = 'A'")
        post("D")
        given_up.rollback()
    assert follower.follow() == [("created", "D")]
    assert follower.has_what_there_is()


@pytest.mark.parametrize("database", [None, "template1"], ids=["this one", "another one"])
def test_a_transaction_that_ends_while_the_feed_looks_for_whose_it_is_holds_nothing_back(
    partners: Hub, database: str | None
):
    with another_session(database) as other:
        number = other.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
        assert number
        post("A")  # behind which the other one stays back
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT pg_current_snapshot()")  # the feed is held up after this look
            other.commit()
            assert feed.standing(0).finished > number[0]


def test_followers_of_many_writers_miss_nothing(partners: Hub):
    """Transactions of all lengths, committed in any order, with followers that read all the while."""
    post(*(f"{n}" for n in range(40)))
    end = threading.Event()
    problems: list[BaseException] = []

    def write(seed: int) -> None:
        chance = random.Random(seed)
        with another_session() as session:
            for step in range(40):
                for _ in range(chance.randint(1, 4)):
                    name = (
                        f"{chance.randrange(40) // 4 * 4 + seed}"  # each writer its own records: no deadlocks
                    )
                    session.execute(
                        "UPDATE endpoints_record SET document = jsonb_set(document::jsonb, '{name}', to_jsonb(%s::text)) "
                        "WHERE external_id = %s",
                        [f"{seed}.{step}", name],
                    )
                    end.wait(chance.random() * 0.004)
                session.rollback() if chance.random() < 0.2 else session.commit()

    def run(work: Any) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  # told below
            problems.append(error)
        finally:
            connection.close()

    followers = [Follower(limit=limit) for limit in (1, 7, 100)]

    def read(follower: Follower) -> None:
        while not end.is_set():
            follower.follow()

    writers = [threading.Thread(target=run, args=(lambda seed=seed: write(seed),)) for seed in range(4)]
    readers = [threading.Thread(target=run, args=(lambda one=one: read(one),)) for one in followers]
    for thread in (*writers, *readers):
        thread.start()
    for thread in writers:
        thread.join()
    end.set()
    for thread in readers:
        thread.join()
    assert problems == []
    for follower in followers:
        follower.follow()
        assert follower.has_what_there_is()


def test_a_first_walk_that_is_overtaken_ends_with_what_there_is(partners: Hub):
    post(*(f"{n:02}" for n in range(20)))
    Api().delete("partners/03")
    follower = Follower(limit=3)
    others_are_told_apart()
    page = Api().get(follower._address)
    assert [one["change"] for one in page["results"]] == ["created"] * 3
    Api().delete("partners/00")
    Api().delete("partners/15")
    Api().put("partners/01", {"name": "x"})
    Api().put("partners/16", {"name": "y"})
    post("99")
    follower.follow()
    assert follower.has_what_there_is()
    assert len(follower.copy) == 18


def test_a_token_older_than_what_is_still_known_is_410(partners: Hub, api: Api):
    post("A", "B")
    old, current = Follower(since="now"), Follower(since="now")
    old.follow()
    current.follow()
    api.delete("partners/A")
    partners.push()
    assert current.follow() == [("deleted", "A")]
    clean()
    assert Record.objects.count() == 2
    Record.objects.exclude(deleted_at=None).update(deleted_at=F("deleted_at") - timedelta(days=31))
    clean()
    assert Record.objects.count() == 1
    assert "Begin anew" in api.get("partners/changes", {"since": old.token}, status=410)["message"]
    assert current.follow() == []
    post("C")
    assert current.follow() == [("created", "C")]
    anew = Follower()
    anew.follow()
    assert anew.has_what_there_is()


def test_after_all_copies_were_dropped_everybody_begins_anew(partners: Hub, api: Api):
    from endpoints.moving import drop_records

    post("A", "B")
    follower = Follower(since="now")
    follower.follow()
    drop_records(["partners"])
    post("C")
    api.get("partners/changes", {"since": follower.token}, status=410)
    anew = Follower()
    assert anew.follow() == [("created", "C")]


def test_what_is_deleted_here_and_left_in_odoo_is_never_forgotten(partners: Hub, api: Api):
    Endpoint.objects.update(on_delete="ignore")
    post("A")
    partners.push()
    api.delete("partners/A")
    Record.objects.update(deleted_at=F("deleted_at") - timedelta(days=400))
    clean()
    assert Record.objects.count() == 1


def test_a_database_restored_into_another_postgresql_begins_anew(partners: Hub, api: Api):
    post("A", "B")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE endpoints_record DISABLE TRIGGER record_changed")
        cursor.execute(
            "UPDATE endpoints_record SET changed_in = 2^60, created_in = 2^60 WHERE external_id = 'A'"
        )
        cursor.execute("ALTER TABLE endpoints_record ENABLE TRIGGER record_changed")
    follower = Follower(since="now")
    follower.follow()
    feed.after_migrations()
    api.get("partners/changes", {"since": follower.token}, status=410)
    anew = Follower()
    assert anew.follow() == [("created", "B"), ("created", "A")]


@pytest.mark.parametrize("token", ["x", "WzFd:x", "é", "\x00", "now "])
def test_what_is_no_token_is_400(partners: Hub, api: Api, token: str):
    assert "since" in api.get("partners/changes", {"since": token}, status=400)["message"]
    api.get("partners/changes", {"name": "x"}, status=400)


def test_another_endpoints_token_is_400(partners: Hub, api: Api):
    partners.endpoint("others", "res.partner", {"id": {"field": "ref", "identifier": True}})
    token = api.get("partners/changes")["since"]
    api.get("others/changes", {"since": token}, status=400)


def test_a_record_called_changes_is_read_by_its_handle_and_written_by_its_name(partners: Hub, api: Api):
    answer = api.ask("POST", "partners", {"customer_id": "changes", "name": "N"})
    assert api.get(answer["Location"].removeprefix("http://testserver"))["name"] == "N"
    api.put("partners/changes", {"name": "M"})
    api.delete("partners/changes")


def test_live_there_is_no_feed(hub: Hub, api: Api):
    hub.partners(mode="live")
    api.get("partners/changes", status=404)


def test_how_the_records_of_an_endpoint_stand(partners: Hub, api: Api):
    post("A", "B", "C")
    partners.push()
    post("D")
    api.delete("partners/C")
    Record.objects.filter(external_id="B").update(state="failed")
    found = api.get("partners/sync-state")
    assert found.pop("pending_since")
    assert found == {
        "records": 3, "synced": 1, "pending": 1, "failed": 1, "conflict": 0, "pulled_at": None, "complete": False,
        "paused": False,
    }  # fmt: skip
    for state, name in (("failed", "B"), ("pending", "D")):
        [one] = api.get("partners/sync-state", {"state": state})["results"]
        assert one["id"] == name
        assert api.get(f"partners/{one['handle']}")["customer_id"] == name
    assert api.get("partners/sync-state", {"state": "conflict"})["results"] == []
    assert (
        "one of pending, failed" in api.get("partners/sync-state", {"state": "synced"}, status=400)["message"]
    )
    Endpoint.objects.update(paused=True)
    assert api.get("partners/sync-state/")["paused"] is True
    api.get("partners/sync-state", {"x": "1"}, status=400)


@pytest.fixture
def shop_and_everybody(partners: Hub) -> tuple[Api, Api]:
    """With a key that reaches all but B, and one that reaches all."""
    for name, grant in (("shop", {"read": ["customer_id"], "domain": "[('name', '!=', 'B')]"}), ("all", {})):
        key = AccessKey(endpoint=Endpoint.objects.get(), name=name)
        key.set_token(name)
        key.save()
        if grant:
            key.grants.update(**grant)
    Endpoint.objects.update(auth="bearer")
    registry.clear()
    return Api(Authorization="Bearer shop"), Api(Authorization="Bearer all")


def test_a_key_of_some_rows_and_keys_is_told_of_these_only(shop_and_everybody: tuple[Api, Api]):
    shop, everybody = shop_and_everybody
    everybody.post("partners", [{"customer_id": name, "name": name} for name in "ABC"])
    assert len(shop.get("partners")["results"]) == 2
    others_are_told_apart()
    page = shop.get("partners/changes")
    assert [one["record"] for one in page["results"]] == [{"customer_id": "A"}, {"customer_id": "C"}]
    shop.get("partners/changes", {"fields": "name"}, status=400)
    everybody.delete("partners/A")
    everybody.delete("partners/B")
    others_are_told_apart()
    [gone] = shop.get("partners/changes", {"since": page["since"]})["results"]
    assert (gone["change"], gone["id"], gone["record"]) == ("deleted", "A", {"customer_id": "A"})
    assert shop.get("partners/sync-state")["records"] == 1
    pending = shop.get("partners/sync-state", {"state": "pending"})["results"]
    assert [one["id"] for one in pending] == ["C"]
    others_are_told_apart()
    # What it was not told of, no later page would tell the other one either.
    said = everybody.get("partners/changes", {"since": page["since"]}, status=410)["message"]
    assert "Begin anew" in said


@pytest.mark.parametrize("grant", [{"domain": ""}, {"domain": "[('name', '!=', 'A')]"}, {"read": []}])
def test_where_a_key_reaches_something_else_its_tokens_say_so_instead_of_hiding_it(
    shop_and_everybody: tuple[Api, Api], grant: dict[str, Any]
):
    shop, everybody = shop_and_everybody
    everybody.post("partners", [{"customer_id": name, "name": name} for name in "ABC"])
    others_are_told_apart()
    since = shop.get("partners/changes")["since"]
    AccessGrant.objects.filter(key__name="shop").update(**grant)
    registry.clear()
    assert "reaches" in shop.get("partners/changes", {"since": since}, status=410)["message"]
    page = shop.get("partners/changes")
    assert [one["record"] for one in page["results"]] == shop.get("partners")["results"]
    assert shop.get("partners/changes", {"since": page["since"]})["results"] == []


def test_what_leaves_the_rows_of_a_key_is_not_told_of_when_it_begins_anew(
    shop_and_everybody: tuple[Api, Api],
):
    shop, everybody = shop_and_everybody
    everybody.post("partners", [{"customer_id": name, "name": name} for name in "AC"])
    since = shop.get("partners/changes")["since"]
    everybody.put("partners/A", {"name": "B"})
    others_are_told_apart()
    assert shop.get("partners/changes", {"since": since})["results"] == []
    others_are_told_apart()
    assert [one["id"] for one in shop.get("partners/changes")["results"]] == ["C"]
    everybody.put("partners/A", {"name": "A again"})
    others_are_told_apart()
    assert [one["id"] for one in shop.get("partners/changes", {"since": since})["results"]] == ["A"]
