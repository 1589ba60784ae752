"""The hub itself, step by step beside the model: real PostgreSQL, a practice Odoo over sockets, the API's own views."""

import json
import uuid
from typing import Any

import hypothesis.strategies as st
from django.db import connection
from django.test import Client
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from endpoints import outbox, registry
from endpoints.models import Change, Conflict, Endpoint, PullState, Record, Run
from mappings.clients import client_for
from mappings.models import Connection
from synchub.sync import carry
from synchub.sync.batch import Batch
from tests.conftest import Hub
from tests.machine.model import Model, Rec, Thing, Values, Write

URL = "/bj_api_sync/v1/partners"
NAMES = [f"N{number}" for number in range(4)]
KEYS = {"customer_id": "ref", "name": "name", "city": "city"}
DONE_OR_NOT = [
    ("drop_after_commit", "load"), ("half_answer", "load"), ("http_500", "load"), ("serialization", "load"),
    ("garbage", "load"), ("cannot_marshal", "load"), ("drop_after_commit", "write"), ("http_502_html", "write"),
    ("serialization", "write"), ("half_answer", "write"), ("cannot_marshal", "write"), ("drop_after_commit", "unlink"),
    ("http_500", "unlink"), ("away", "search_read"), ("half_answer", "read"), ("drop_before", "read"),
]  # fmt: skip

names = st.sampled_from(NAMES)
values = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Ada", "Bob", "Eve"]),
        "city": st.sampled_from([None, "Ghent", "Bruges"]),
    },
)


class Machine(RuleBasedStateMachine):
    hub: Hub  # set by whoever runs it

    def __init__(self) -> None:
        super().__init__()
        self.client = Client()

    @initialize(
        policy=st.sampled_from(["odoo", "hub"]), on_delete=st.sampled_from(["unlink", "archive", "ignore"])
    )
    def begin(self, policy: str, on_delete: str) -> None:
        for kept in (Conflict, Change, Record, PullState, Run):
            kept.objects.all().delete()
        odoo = self.hub.odoo
        odoo.faults.clear()
        there = odoo.execute("res.partner", "search", [("ref", "in", NAMES)], context={"active_test": False})
        odoo.execute("res.partner", "unlink", there)
        Endpoint.objects.update(conflicts=policy, on_delete=on_delete)
        Connection.objects.update(paused_at=None, last_error="")
        registry.clear()
        self.model = Model(policy=policy, on_delete=on_delete)

    # consumers ------------------------------------------------------------------------------------------------

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        send = getattr(self.client, method)
        return (
            send(path, json.dumps(body), content_type="application/json") if body is not None else send(path)
        )

    @rule(name=names, sent=values)
    def a_consumer_posts(self, name: str, sent: Values) -> None:
        if self.model.left_behind(name):
            return
        body = {"customer_id": name, "name": "New", **sent}
        answer = self._call("post", URL, body)
        if self.model.live(name) is not None:
            assert answer.status_code == 409, answer.content
            return
        assert answer.status_code == 201, answer.content
        handle = (
            Record.objects.filter(external_id=name, deleted_at=None).values_list("handle", flat=True).get()
        )
        self.model.posted(str(handle), _by_field(body, whole=False))

    @rule(name=names, sent=values)
    def a_consumer_puts(self, name: str, sent: Values) -> None:
        answer = self._call("put", f"{URL}/{name}", sent)
        rec = self.model.live(name)
        assert answer.status_code == (404 if rec is None else 200), answer.content
        if rec is not None:
            self.model.put(rec, _by_field(sent, whole=False))

    @rule(name=names, other=names)
    def a_consumer_renames(self, name: str, other: str) -> None:
        rec = self.model.live(name)
        # A name that Odoo has and the hub does not know of would be there twice.
        if (
            rec is None
            or self.model.left_behind(other)
            or any(thing.ref == other for thing in self.model.things.values())
        ):
            return
        answer = self._call("put", f"{URL}/{name}", {"customer_id": other})
        if other != name and self.model.live(other) is not None:
            assert answer.status_code == 409, answer.content
            return
        assert answer.status_code == 200, answer.content
        self.model.put(rec, {"ref": other})

    @rule(name=names)
    def a_consumer_deletes(self, name: str) -> None:
        answer = self._call("delete", f"{URL}/{name}")
        rec = self.model.live(name)
        assert answer.status_code == (404 if rec is None else 200), answer.content
        if rec is not None:
            self.model.deleted(rec)

    # people in Odoo ----------------------------------------------------------------------------------------------

    @rule(name=names, sent=values)
    def somebody_creates_in_odoo(self, name: str, sent: Values) -> None:
        taken = {thing.ref for thing in self.model.things.values()}
        # Nobody makes doubles on purpose, nor what is called so in the hub while Odoo has it under its old name: also where it
        # was deleted here since, and is to be left in Odoo.
        held = [
            rec for rec in self.model.recs if rec.shown["ref"] == name and (rec.pending or not rec.deleted)
        ]
        # What was sent unheard and is to be archived is made once more under its name.
        again = any(rec.deleted and any(write.sent for write in rec.pending) for rec in held)
        if (
            name in taken
            or again
            or any(
                thing.id == rec.odoo_id or (rec.handle and thing.made_by == rec.handle)
                for rec in held
                for thing in self.model.things.values()
            )
        ):
            return
        made = {"ref": name, "name": "By hand", "city": None, **sent}
        new = self.hub.odoo.execute("res.partner", "create", _to_odoo(made))
        self.model.things[new] = Thing(new, made)

    @rule(name=names, sent=values)
    def somebody_writes_in_odoo(self, name: str, sent: Values) -> None:
        for thing in self.model.things.values():
            if thing.ref == name and thing.active and sent:
                self.hub.odoo.execute("res.partner", "write", [thing.id], _to_odoo(sent))
                thing.values |= sent

    @rule(name=names)
    def somebody_deletes_in_odoo(self, name: str) -> None:
        for thing in [one for one in self.model.things.values() if one.ref == name and one.active]:
            self.hub.odoo.execute("res.partner", "unlink", [thing.id])
            del self.model.things[thing.id]

    # the engine -----------------------------------------------------------------------------------------------------

    @rule()
    def a_push(self) -> None:
        self._due_now()
        expected = self._expected()
        self.hub.push()
        self._learn(expected, whole=True)

    @rule(fault=st.sampled_from(DONE_OR_NOT))
    @precondition(lambda self: any(rec.pending for rec in self.model.recs))
    def a_push_meets(self, fault: tuple[str, str]) -> None:
        self._due_now()
        expected = self._expected()
        kind, method = fault
        self.hub.odoo.faults.arm(kind, model="res.partner", method=method)
        self.hub.push()
        self.hub.odoo.faults.clear()
        self._learn(expected, whole=False)

    @rule()
    @precondition(lambda self: any(rec.pending for rec in self.model.recs))
    def a_worker_dies_before_it_settles(self) -> None:
        self._due_now()
        expected = self._expected()
        endpoint, token = registry.get("partners"), uuid.uuid4()
        claims = outbox.claim(endpoint.id, token, 100)
        batch = Batch(token, claims)
        with client_for(Connection.objects.get()) as client:
            carry.send(endpoint, client, batch, carry.prepare(endpoint, client, batch))
        batch.lease.end()
        Change.objects.filter(state="claimed").update(lease_until="2020-01-01T00:00Z")
        outbox.expire()
        self._learn(expected, whole=False)

    @rule()
    def a_pull(self) -> None:
        self.hub.pull()
        self.model.pulled()

    @rule(kind=st.sampled_from(["away", "garbage", "half_answer", "http_500"]))
    def a_pull_meets(self, kind: str) -> None:
        self.hub.odoo.faults.arm(kind, times=3, model="res.partner")
        self.hub.pull()
        self.hub.odoo.faults.clear()

    @rule()
    def a_search_for_deletions(self) -> None:
        self.hub.sweep()
        if PullState.objects.filter(complete=True).exists():
            self.model.searched_for_deletions()

    def _due_now(self) -> None:
        """As if the delay before the next attempt were over, and the broken look at a pull's page as well."""
        Change.objects.filter(state="pending").update(not_before="2020-01-01T00:00Z")

    def _expected(self) -> list[tuple[Rec, Thing | None, str, Values | None, bool]]:
        found = []
        for rec in self.model.recs:
            if rec.pending:
                thing = self.model.target(rec)
                found.append((rec, thing, *self.model.result(rec, thing)))
        return found

    def _learn(
        self, expected: list[tuple[Rec, Thing | None, str, Values | None, bool]], *, whole: bool
    ) -> None:
        """Odoo has what was expected, or, where a push was not `whole`, may still have what it had."""
        odoo = self._odoo()
        records = {str(one.handle): one for one in Record.objects.all()}
        open_changes = set(
            Change.objects.filter(state__in=["pending", "claimed"]).values_list("record_id", flat=True)
        )
        sent = dict.fromkeys(
            Change.objects.filter(state="pending", sent=True).values_list("record_id", flat=True)
        )
        touched: set[int] = set()
        going = {thing.id for _, thing, outcome, _, _ in expected if thing is not None and outcome == "gone"}
        revived: set[int] = set()
        new = [one for one in odoo.values() if one.id not in self.model.things]
        # Those that are there in the end first: what is new under a name is theirs.
        for rec, thing, outcome, there, active in sorted(expected, key=lambda one: one[2] != "there"):
            record = self._record(rec, records)
            over = record is None or record.pk not in open_changes
            if outcome == "gone" and thing is not None and thing.id in revived:
                # Archived, and taken out again for the new one of that name, which is all that is left of it.
                if over and rec in self.model.recs:
                    self.model.recs.remove(rec)
                continue
            if whole:
                assert over, f"{rec} is not settled"
            now = odoo.get(thing.id) if thing is not None else self._made_for(rec, outcome, new)
            done = {
                "failed": now is None,
                "gone": now is None or (self.model.on_delete == "archive" and not now.active),
                "there": now is not None and (now.values, now.active) == (there, active),
            }[outcome]
            if done and outcome == "there" and thing is not None and thing.id in going:
                revived.add(thing.id)
            if not done:
                untouched = (thing is None and now is None) or (
                    thing is not None
                    and now is not None
                    # What goes into the archive is written to first.
                    and now.values in (thing.values, there if outcome == "gone" else None)
                    and (now.active == thing.active or thing.id in going)
                )
                made_only = thing is None and outcome == "gone" and now is not None
                assert untouched or made_only, f"{rec}: Odoo has {now}, neither {thing} nor {there}"
                assert not over, f"{rec} is settled, but Odoo has {now}"
            touched |= {one.id for one in (thing, now) if one is not None}
            if now in new:
                now.made_by = rec.handle
                new.remove(now)
            if over:
                there_now = now if outcome == "there" else None
                known = next((one.id for one in (now, thing) if one is not None), None)
                self.model.settled(rec, outcome, there_now, known)
            else:
                assert record is not None
                rec.odoo_id = record.odoo_id
                for write in rec.pending:
                    write.sent = write.sent or record.pk in sent
        assert not new, f"Odoo has what nobody asked for, or twice: {new}"
        for one in self.model.things.values():
            if one.id not in touched:
                assert odoo.get(one.id) == one, f"{one} was changed to {odoo.get(one.id)}"
            if one.id in odoo:
                odoo[one.id].made_by = odoo[one.id].made_by or one.made_by
        self.model.things = odoo

    def _made_for(self, rec: Rec, outcome: str, new: list[Thing]) -> Thing | None:
        if outcome == "gone" and not any(write.sent for write in rec.pending):
            return None  # created and deleted before anything was sent
        return next((one for one in new if one.ref == rec.written.get("ref", rec.shown["ref"])), None)

    def _record(self, rec: Rec, records: dict[str, Record]) -> Record | None:
        if rec.handle:
            return records.get(rec.handle)
        return next((one for one in records.values() if one.odoo_id == rec.odoo_id), None)

    def _odoo(self) -> dict[int, Thing]:
        rows = self.hub.odoo.execute(
            "res.partner", "search_read", [("ref", "in", NAMES)], fields=["ref", "name", "city", "active"],
            context={"active_test": False}, order="id",
        )  # fmt: skip
        return {
            row["id"]: Thing(
                row["id"],
                {"ref": row["ref"], "name": row["name"], "city": row["city"] or None},
                row["active"],
            )
            for row in rows
        }

    # what has to be so ---------------------------------------------------------------------------------------------

    @invariant()
    def the_api_shows_it(self) -> None:
        answer = self.client.get(f"{URL}?limit=1000")
        assert answer.status_code == 200
        shown = [_by_field(one) for one in answer.json()["results"] if one["customer_id"] in NAMES]
        assert _in_order(shown) == _in_order(self.model.shown())
        for name, values in self.model.answers().items():
            assert _by_field(self.client.get(f"{URL}/{name}").json()) == values

    def teardown(self) -> None:
        """Left alone, everything comes to rest: both sides the same, nothing doubled, nothing hidden."""
        if not hasattr(self, "model"):
            return
        self.hub.odoo.faults.clear()
        self.a_push()
        self.a_pull()
        self.a_search_for_deletions()
        self.a_pull()
        self.the_api_shows_it()
        assert not Change.objects.filter(state__in=["pending", "claimed"]).exists()
        there = self._odoo()
        visible = {one.ref: one.values for one in there.values() if one.active}
        assert len(visible) == sum(one.active for one in there.values()), f"doubled in Odoo: {there}"
        hidden = {rec.odoo_id for rec in self.model.recs if rec.deleted}  # deleted here, left in Odoo
        assert self.model.answers() == {
            one.ref: one.values for one in there.values() if one.active and one.id not in hidden
        }
        connection.close()


def _in_order(shown: list[Values]) -> list[Values]:
    return sorted(shown, key=lambda one: str(sorted(one.items())))


def _by_field(body: Values, *, whole: bool = True) -> Values:
    found = {field: body[key] for key, field in KEYS.items() if key in body}
    return {"city": None, **found} if whole else found


def _to_odoo(given: Values) -> Values:
    return {name: False if value is None else value for name, value in given.items()}


__all__ = ["Machine", "Write"]
