"""`Prefer: wait`: the answer comes when Odoo has it, or when the time is up."""

import json
import threading
import time
from typing import Any

import pytest
from django.db import connection

from endpoints import registry
from endpoints.api import waiting
from endpoints.models import Change, Record
from synchub.torture.waiting import until
from tests.conftest import Hub
from tests.endpoints.conftest import Api
from tests.endpoints.test_writing import at_once
from tests.sync.test_relations import order_in_odoo, sample

ANN = {"customer_id": "A", "name": "Ann"}


class Worker:
    """Pushes whatever comes, until it is told to stop."""

    def __init__(self, hub: Hub, *names: str) -> None:
        self._hub, self._names, self._stop = hub, names, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stop.wait(0.05):
                for name in self._names:
                    self._hub.push(name)
        finally:
            connection.close()


def ask(method: str, path: str, body: Any = None, wait: int = 20, key: str = "") -> Any:
    headers = {"Prefer": f"respond-async, wait={wait}"} | ({"Idempotency-Key": key} if key else {})
    return Api().ask(method, path, body, headers=headers)


@pytest.fixture
def partners(hub: Hub) -> Hub:
    hub.partners(put_creates=True)
    return hub


def test_each_write_is_answered_once_odoo_has_it(partners: Hub):
    with Worker(partners, "partners"):
        made = ask("POST", "partners", ANN)
        assert (made.status_code, made["X-Sync-State"]) == (201, "synced")
        assert made["Preference-Applied"] == "wait=20"
        assert json.loads(made.content)["updated"] is not None  # Odoo's own value
        assert made["ETag"] == Api().ask("GET", "partners/A")["ETag"]
        several = ask("POST", "partners", [ANN | {"customer_id": n} for n in "BC"])
        assert (several.status_code, several["X-Sync-State"]) == (201, "synced")
        changed = ask("PUT", "partners/A", {"name": "Anna"})
        assert (changed.status_code, changed["X-Sync-State"]) == (200, "synced")
        assert ask("PUT", "partners/D", {"name": "D"}).status_code == 201
        assert ask("DELETE", "partners/D")["X-Sync-State"] == "synced"
    assert [one["name"] for one in partners.in_odoo("A", "B", "C")] == ["Anna", "Ann", "Ann"]


def test_after_its_time_a_write_is_accepted_all_the_same(partners: Hub):
    started = time.monotonic()
    answer = ask("POST", "partners", ANN, wait=1)
    assert (answer.status_code, answer["X-Sync-State"]) == (201, "pending")
    assert 0.5 < time.monotonic() - started < 10
    assert ask("PUT", "partners/A", {"name": "Anna"}, wait=0)["Preference-Applied"] == "wait=0"
    partners.push()
    assert [one["name"] for one in partners.in_odoo("A")] == ["Anna"]


def test_nobody_waits_longer_than_the_hub_lets_him(partners: Hub, settings: Any):
    settings.API_MAX_WAIT = 1
    answer = ask("POST", "partners", ANN, wait=10**15)
    assert (answer.status_code, answer["Preference-Applied"]) == (201, "wait=1")


@pytest.mark.parametrize("prefer", ["wait", "wait=x", "wait=-1", "nowait=5", ""])
def test_a_preference_that_is_none_is_left_alone(partners: Hub, prefer: str):
    answer = Api().ask("POST", "partners", ANN, headers={"Prefer": prefer})
    assert (answer.status_code, answer["X-Sync-State"]) == (201, "pending")
    assert "Preference-Applied" not in answer


def test_what_odoo_refuses_is_told_and_nothing_of_it_stays(partners: Hub):
    Api().post("partners", ANN)
    partners.push()
    partners.odoo.faults.arm("no_right", times=-1, method="write")
    partners.odoo.faults.arm("no_right", times=-1, method="load")
    partners.odoo.faults.arm("no_right", times=-1, method="create")
    with Worker(partners, "partners"):
        for method, path, body in (
            ("POST", "partners", ANN | {"customer_id": "B"}),
            ("PUT", "partners/A", {"name": "Anna"}),
            ("DELETE", "partners/A", None),
        ):
            answer = ask(method, path, body)
            assert answer.status_code == 400, (method, answer.content)
            assert json.loads(answer.content)["status_code"] == "ODOO"
    found = Api().ask("GET", "partners/A")
    assert (json.loads(found.content)["name"], found["X-Sync-State"]) == ("Ann", "synced")
    assert Record.objects.filter(deleted_at=None).count() == 1
    assert not Change.objects.filter(state__in=["pending", "claimed", "failed"])
    partners.odoo.faults.clear()
    Api().post("partners", ANN | {"customer_id": "B"})


def test_what_was_refused_of_another_request_stays_for_a_person(partners: Hub):
    Api().post("partners", ANN)
    partners.push()
    partners.odoo.faults.arm("no_right", times=-1)
    Api().put("partners/A", {"name": "Other"})
    partners.push()
    with Worker(partners, "partners"):
        answer = ask("PUT", "partners/A", {"email": "a@example.com"})
    assert answer.status_code == 400
    assert [one.values for one in Change.objects.filter(state="failed")] == [{"name": "Other"}]
    found = Api().ask("GET", "partners/A")
    shown = json.loads(found.content)
    assert (shown["email"], found["X-Sync-State"]) == (None, "failed")


def test_what_odoo_has_taken_a_part_of_is_not_said_to_have_come_to_nothing(hub: Hub):
    """It takes what changes of the order, and refuses the new line."""
    hub.orders()
    order = sample(hub)
    with Worker(hub, "orders"):
        assert ask("POST", "orders", order)["X-Sync-State"] == "synced"
        new = {**order["lines"][0], "number": 3}
        hub.odoo.faults.arm("no_right", method="load")
        answer = ask("PUT", "orders/R-1", {"note": "Changed", "lines": [*order["lines"], new]})
    there = order_in_odoo(hub, "R-1")
    assert (len(there["lines"]), "Changed" in there["note"]) == (2, True)
    assert (answer.status_code, answer["X-Sync-State"]) == (200, "failed")
    change = Change.objects.get(operation="update")
    assert change.state == "failed"
    assert "The rest of it is in Odoo" in change.error
    assert "The rest of it is in Odoo" in Record.objects.get().problem


def test_of_several_lines_the_refused_one_is_named_by_its_place(hub: Hub):
    called = {"field": "name", "required": True}
    contact = hub.mapping(
        "contact", "res.partner", {"id_there": {"field": "ref", "identifier": True}, "called": called}
    )
    lines = {"customer_id": {"field": "ref", "identifier": True}, "name": "name"}
    hub.endpoint("partners", "res.partner", lines | {"contacts": {"field": "child_ids", "nested": contact}})
    contacts = [{"id_there": "C1", "called": "Jan"}, {"id_there": "C2"}]
    with Worker(hub, "partners"):
        told = json.loads(ask("POST", "partners", [ANN | {"contacts": contacts}]).content)
    assert (told["error"], told["key"]) == ("“contacts[1].called” is required.", "contacts[1].called")
    assert told["index"] == 0


def refuse(hub: Hub) -> None:
    """From now on Odoo refuses every write, not every reading."""
    for method in ("load", "create", "write"):
        hub.odoo.faults.arm("no_right", times=-1, method=method)


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_who_waits_without_writing_anything_takes_nothing_of_others_back(hub: Hub, method: str):
    hub.partners(post_updates=True)
    Api().post("partners", ANN)
    refuse(hub)
    with Worker(hub, "partners"):
        path, body = ("partners/A", {}) if method == "PUT" else ("partners", ANN)
        answer = ask(method, path, body)
    assert (answer.status_code, answer["X-Sync-State"]) == (200, "failed")
    assert Api().ask("GET", "partners/A").status_code == 200
    assert Change.objects.get().state == "failed"


def test_two_requests_of_one_id_are_two(partners: Hub):
    """A job may send its own id with all that it asks."""
    job = {"X-Request-ID": "nightly-job"}
    Api().post("partners", ANN)
    partners.push()
    Api().ask("PUT", "partners/A", {"email": "a@example.com"}, headers=job)
    refuse(partners)
    with Worker(partners, "partners"):
        answer = Api().ask("PUT", "partners/A", {}, headers=job | {"Prefer": "wait=20"})
    assert (answer.status_code, answer["X-Sync-State"]) == (200, "failed")
    assert Change.objects.get(state="failed").values == {"email": "a@example.com"}


def test_all_who_repeat_one_request_are_told_that_odoo_refused_it(partners: Hub):
    ask("POST", "partners", ANN, wait=0, key="k")
    refuse(partners)
    registry.get("partners")
    with Worker(partners, "partners"):
        answers = at_once(2, lambda _: ask("POST", "partners", ANN, key="k"))
    assert [answer.status_code for answer in answers] == [400, 400]
    assert not Record.objects.filter(deleted_at=None)


def test_a_repetition_under_a_key_waits_as_well(partners: Hub):
    first = ask("POST", "partners", ANN, wait=0, key="k")
    with Worker(partners, "partners"):
        again = ask("POST", "partners", ANN, key="k")
    assert (first["X-Sync-State"], again["X-Sync-State"]) == ("pending", "synced")
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert len(partners.in_odoo("A")) == 1


def test_only_so_many_wait_at_once_and_the_others_are_answered(
    partners: Hub, monkeypatch: pytest.MonkeyPatch, settings: Any
):
    settings.API_MAX_WAIT = 120
    registry.get("partners")
    monkeypatch.setattr(waiting, "_seats", threading.BoundedSemaphore(2))
    answered: list[str] = []

    def work(n: int) -> None:
        if n == 6:  # a worker that comes when nobody else is answered
            until(lambda: len(answered) == 4, "those without a seat are answered")
            partners.push()
            return
        answer = ask("POST", "partners", ANN | {"customer_id": f"{n}"}, wait=120)
        assert answer.status_code == 201
        answered.append(answer["X-Sync-State"])

    at_once(7, work)
    assert answered == ["pending"] * 4 + ["synced"] * 2


def test_live_waits_anyway(hub: Hub):
    hub.partners(mode="live")
    answer = ask("POST", "partners", ANN)
    assert (answer.status_code, answer["X-Sync-State"]) == (201, "synced")
