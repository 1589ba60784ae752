"""Two endpoints over one model, and people in Odoo who rename its records and have them change names.

What each step leads to is not foretold, as `machine` does it for one endpoint. What is so in the end is: each value is told once
only, and `told` knows by whom.
"""

import json
import uuid
from itertools import count
from typing import Any

import hypothesis.strategies as st
from django.db import connection
from django.test import Client
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from endpoints import decisions, giving_up, inbox, outbox, pauses, registry
from endpoints.models import Change, Conflict, Endpoint, Footprint, PullState, Record, Run
from mappings.clients import client_for
from mappings.models import Connection
from synchub.sync import carry
from synchub.sync.batch import Batch
from tests.conftest import Hub
from tests.machine.machine import DONE_OR_NOT, NAMES
from tests.machine.told import Told, Values

URL = "/bj_api_sync/v1/"
FIELDS = {"people": ("name", "city"), "contacts": ("name", "phone")}
ROUNDS = 6
"""So many times everybody has a turn, until nothing is left to do: a name may be passed on by each to the next."""

endpoints = st.sampled_from(sorted(FIELDS))
names = st.sampled_from(NAMES[:3])
which = st.sampled_from([["name"], ["own"], ["name", "own"]])


class Several(RuleBasedStateMachine):
    hub: Hub  # set by whoever runs it

    def __init__(self) -> None:
        super().__init__()
        self.client = Client()

    @initialize(
        policies=st.tuples(*[st.sampled_from(["odoo", "hub", "ask"])] * 2),
        on_delete=st.tuples(*[st.sampled_from(["unlink", "archive"])] * 2),
    )
    def begin(self, policies: tuple[str, str], on_delete: tuple[str, str]) -> None:
        for kept in (Conflict, Footprint, Change, Record, PullState, Run):
            kept.objects.all().delete()
        odoo = self.hub.odoo
        odoo.faults.clear()
        there = odoo.execute("res.partner", "search", [("ref", "in", NAMES)], context={"active_test": False})
        odoo.execute("res.partner", "unlink", there)
        for name, policy, deletes in zip(sorted(FIELDS), policies, on_delete, strict=True):
            Endpoint.objects.filter(name=name).update(conflicts=policy, on_delete=deletes, paused_at=None)
        Connection.objects.update(paused_at=None, last_error="")
        registry.clear()
        self.told, self.step, self.value = Told(), 0, count(1)
        self.kept: dict[str, dict[str, Values]] = {endpoint: {} for endpoint in FIELDS}
        self.since = dict.fromkeys(FIELDS, "")

    # consumers ------------------------------------------------------------------------------------------------

    def _call(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        self.step += 1
        answer = getattr(self.client, method)(URL + path, json.dumps(body), content_type="application/json")
        assert answer.status_code < 500, answer.content
        return answer.status_code, answer.json()

    def _new(self, endpoint: str, which: list[str]) -> Values:
        own = FIELDS[endpoint][1]
        return {own if name == "own" else name: f"v{next(self.value)}" for name in which}

    def _newest(self, endpoint: str) -> Change:
        return Change.objects.filter(endpoint__name=endpoint).select_related("record").latest("pk")

    @rule(endpoint=endpoints, name=names, which=which)
    def a_consumer_posts(self, endpoint: str, name: str, which: list[str]) -> None:
        values = {"name": f"v{next(self.value)}", **self._new(endpoint, which)}
        status, _ = self._call("post", endpoint, {"id": name, **values})
        assert status in (201, 409)
        if status == 201:
            self.told.by_consumer(self.step, self._newest(endpoint).pk, values, None)

    @rule(endpoint=endpoints, name=names, which=which)
    def a_consumer_puts(self, endpoint: str, name: str, which: list[str]) -> None:
        values = self._new(endpoint, which)
        status, _ = self._call("put", f"{endpoint}/{name}", values)
        assert status in (200, 404)
        if status == 200:
            change = self._newest(endpoint)
            self.told.by_consumer(self.step, change.pk, values, change.record.odoo_id)

    @rule(endpoint=endpoints, name=names, other=names)
    def a_consumer_renames(self, endpoint: str, name: str, other: str) -> None:
        if self._in_odoo([other]):
            return  # a name that Odoo has and the hub may not know of would be there twice
        status, _ = self._call("put", f"{endpoint}/{name}", {"id": other})
        assert status in (200, 404, 409)

    @rule(endpoint=endpoints, name=names)
    def a_consumer_deletes(self, endpoint: str, name: str) -> None:
        status, _ = self._call("delete", f"{endpoint}/{name}", {})
        assert status in (200, 404)

    @rule(endpoint=endpoints)
    def a_consumer_follows(self, endpoint: str) -> None:
        """Whoever goes by the feed, from where it was read last, has what the list shows."""
        kept, more = self.kept[endpoint], True
        while more:
            answer = self.client.get(f"{URL}{endpoint}/changes{self.since[endpoint]}").json()
            for one in answer["results"]:
                kept.pop(one["handle"], None)
                if one["change"] != "deleted":
                    kept[one["handle"]] = one["record"]
            self.since[endpoint], more = f"?since={answer['since']}", answer["more"]
        shown = self.client.get(f"{URL}{endpoint}?limit=1000").json()["results"]
        assert _in_order(list(kept.values())) == _in_order(shown)

    # people in Odoo ----------------------------------------------------------------------------------------------

    def _in_odoo(self, names: list[str]) -> list[Values]:
        found: list[Values] = self.hub.odoo.execute(
            "res.partner", "search_read", [("ref", "in", names)], fields=["ref", "name", "city", "phone", "active"],
            context={"active_test": False}, order="id",
        )  # fmt: skip
        return found

    def _to_come(self, name: str) -> bool:
        """Is something in Odoo to be called so once it is pushed? Nobody makes doubles on purpose."""
        return any(
            change.values.get("ref") == name
            for change in Change.objects.filter(state__in=["pending", "claimed", "failed"])
        )

    @rule(name=names)
    def somebody_creates_in_odoo(self, name: str) -> None:
        self.step += 1
        if not self._in_odoo([name]) and not self._to_come(name):
            values = {"name": f"v{next(self.value)}"}
            made = self.hub.odoo.execute("res.partner", "create", {"ref": name, **values})
            self.told.in_odoo(self.step, made, values)

    @rule(name=names, field=st.sampled_from(["name", "city", "phone"]))
    def somebody_writes_in_odoo(self, name: str, field: str) -> None:
        self.step += 1
        for thing in self._in_odoo([name]):
            values = {field: f"v{next(self.value)}"}
            self.hub.odoo.execute("res.partner", "write", [thing["id"]], values)
            self.told.in_odoo(self.step, thing["id"], values)

    @rule(name=names, other=names)
    def somebody_renames_in_odoo(self, name: str, other: str) -> None:
        """Two that are there change names."""
        self.step += 1
        ours, theirs = self._in_odoo([name]), self._in_odoo([other])
        if not ours or name == other or (not theirs and self._to_come(other)):
            return
        for things, called in ((ours, other), (theirs, name)):
            for thing in things:
                self.hub.odoo.execute("res.partner", "write", [thing["id"]], {"ref": called})

    @rule(name=names)
    def somebody_deletes_in_odoo(self, name: str) -> None:
        self.step += 1
        self.hub.odoo.execute("res.partner", "unlink", [thing["id"] for thing in self._in_odoo([name])])

    @rule(name=names)
    def somebody_archives_in_odoo(self, name: str) -> None:
        """Or takes out of the archive."""
        self.step += 1
        for thing in self._in_odoo([name]):
            self.hub.odoo.execute("res.partner", "write", [thing["id"]], {"active": not thing["active"]})

    # who looks after the hub -------------------------------------------------------------------------------------

    @rule(place=st.integers(0, 3))
    def a_person_discards(self, place: int) -> None:
        self.step += 1
        found = list(Change.objects.filter(state__in=["pending", "failed"]).order_by("pk"))[place : place + 1]
        giving_up.discard([change.pk for change in found], "somebody")

    @rule()
    def a_person_sends_again(self) -> None:
        self.step += 1
        refused = list(Change.objects.filter(state="failed").values_list("pk", flat=True))
        decisions.retry(refused, "somebody")

    @rule(winner=st.sampled_from(["odoo", "hub"]))
    def a_person_decides(self, winner: str) -> None:
        self.step += 1
        for asked in Conflict.objects.filter(decided_at=None):
            inbox.decide(asked.pk, {one["field"]: winner for one in asked.fields}, "somebody")

    @rule(endpoint=endpoints)
    def a_person_pauses(self, endpoint: str) -> None:
        """Or resumes."""
        self.step += 1
        found = Endpoint.objects.get(name=endpoint)
        if found.paused_at is None:
            pauses.endpoints([found.pk], "somebody")
        else:
            pauses.resume_endpoints([found.pk])

    # the engine -----------------------------------------------------------------------------------------------------

    @rule(endpoint=endpoints)
    def a_push(self, endpoint: str) -> None:
        self.step += 1
        self._due_now()
        self.hub.push(endpoint)
        self.told.settled(self.step)

    @rule(endpoint=endpoints, fault=st.sampled_from(DONE_OR_NOT))
    def a_push_meets(self, endpoint: str, fault: tuple[str, str]) -> None:
        kind, method = fault
        self.hub.odoo.faults.arm(kind, model="res.partner", method=method)
        self.a_push(endpoint)
        self.hub.odoo.faults.clear()

    @rule(endpoint=endpoints)
    def a_worker_dies_before_it_settles(self, endpoint: str) -> None:
        self.step += 1
        self._due_now()
        found, token = registry.get(endpoint), uuid.uuid4()
        batch = Batch(token, outbox.claim(found.id, token, 100))
        with client_for(Connection.objects.get()) as client:
            carry.send(found, client, batch, carry.prepare(found, client, batch))
        batch.lease.end()
        Change.objects.filter(state="claimed").update(lease_until="2020-01-01T00:00Z")
        outbox.expire()

    @rule(endpoint=endpoints)
    def a_pull(self, endpoint: str) -> None:
        self.step += 1
        self.hub.pull(endpoint)

    @rule(endpoint=endpoints)
    def a_search_for_deletions(self, endpoint: str) -> None:
        self.step += 1
        self.hub.sweep(endpoint)

    def _due_now(self) -> None:
        """As if the delay before the next attempt were over."""
        Change.objects.filter(state="pending").update(not_before="2020-01-01T00:00Z")

    # what has to be so ---------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """Left alone, and with what was refused given up, everything comes to rest: all sides the same, nothing lost or doubled."""
        if not hasattr(self, "told"):
            return
        self._come_to_rest()
        assert not Change.objects.filter(state__in=["pending", "claimed"]).exists(), _waiting()
        things = {
            one["id"]: {name: one[name] or None for name in ("ref", "name", "city", "phone", "active")}
            for one in self._in_odoo(NAMES)
        }
        called = [one["ref"] for one in things.values()]
        assert len(called) == len(set(called)), f"doubled in Odoo: {things}"
        said = {one.name for one in self.told.said}
        self.told.judge({key: {name: one[name] for name in said} for key, one in things.items()})
        refused = list(Change.objects.filter(state="failed").values_list("pk", flat=True))
        assert all(Change.objects.filter(pk__in=refused).values_list("error", flat=True))
        giving_up.discard(refused, "somebody")
        self._come_to_rest()
        for endpoint, fields in FIELDS.items():
            there = [
                {"id": one["ref"], **{name: one[name] for name in fields}}
                for one in things.values()
                if one["active"]
            ]
            shown = self.client.get(f"{URL}{endpoint}?limit=1000").json()["results"]
            assert _in_order(shown) == _in_order(there), endpoint
            self.a_consumer_follows(endpoint)
            for one in shown:
                assert self.client.get(f"{URL}{endpoint}/{one['id']}").json() == one
        assert not Record.objects.exclude(state="synced").exists()
        connection.close()

    def _come_to_rest(self) -> None:
        self.hub.odoo.faults.clear()
        pauses.resume_endpoints(list(Endpoint.objects.values_list("pk", flat=True)))
        for _ in range(ROUNDS):
            for endpoint in FIELDS:
                self.a_push(endpoint)
            for endpoint in FIELDS:
                self.a_pull(endpoint)
                self.a_search_for_deletions(endpoint)
                self.a_pull(endpoint)
            if not Change.objects.filter(state__in=["pending", "claimed"]).exists():
                break


def _in_order(shown: list[Values]) -> list[Values]:
    return sorted(shown, key=lambda one: str(sorted(one.items())))


def _waiting() -> str:
    return "\n".join(
        f"{change} {change.endpoint} {change.values} {change.error}"
        for change in Change.objects.filter(state__in=["pending", "claimed"])
    )
