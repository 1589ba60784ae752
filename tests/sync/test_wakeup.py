"""Messages wake workers; losing one costs a sweep's delay and nothing else."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from django.conf import settings

from endpoints import jobs, pauses
from endpoints.models import Run, RunKind, RunState
from mappings import wakeup
from mappings.models import Connection
from synchub.sync import tasks
from synchub.sync.sweep import sweep
from tests.conftest import Hub
from tests.sync.test_push import post


@pytest.fixture
def queue():
    """The messages that wait for a worker to push."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete("push", *client.keys("hub:wake:*"))
        yield lambda: client.llen("push")
        client.delete("push", *client.keys("hub:wake:*"))


def test_many_writes_send_one_message(hub: Hub, queue):
    hub.partners()
    for number in range(5):
        post({"customer_id": f"X{number}", "name": "A"})
    assert queue() == 1


def test_the_sweep_sends_another_message_though_one_seems_to_be_on_its_way(hub: Hub, queue):
    hub.partners()
    post({"customer_id": "X1", "name": "A"})
    sweep()
    assert queue() == 2


def test_the_sweep_leaves_workers_alone_where_nothing_waits(hub: Hub, queue):
    hub.partners()
    post({"customer_id": "X1", "name": "A"})
    hub.push()
    before = queue()
    sweep()
    assert queue() == before


def messages(name: str) -> list[dict[str, Any]]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        found = [json.loads(one)["headers"] for one in client.lrange(name, 0, -1)]
        client.delete(name)
    return found


def test_runs_that_stand_still_are_not_in_the_way_of_others(hub: Hub):
    paused, other = (
        hub.partners(),
        hub.endpoint("tags", "res.partner.category", {"name": {"field": "name", "identifier": True}}),
    )
    pauses.endpoints([paused.pk], "boss")
    Run.objects.bulk_create(
        Run(endpoint=paused, kind=RunKind.REREAD, state=RunState.QUEUED, details={"n": n}) for n in range(120)
    )
    asked = jobs.ask(other.pk, RunKind.AUDIT, "boss")
    assert asked is not None
    messages("pull")
    sweep()
    assert [one["argsrepr"] for one in messages("pull") if one["task"].endswith(".run")] == [f"[{asked.pk}]"]


def test_what_somebody_asked_for_is_begun_though_clocks_are_apart(hub: Hub, queue):
    endpoint = hub.partners()
    messages("pull")
    jobs.ask(endpoint.pk, RunKind.AUDIT, "boss")
    wakeup.read_fields(hub.connection.pk)
    for message in messages("pull") + messages("housekeeping"):
        lives = datetime.fromisoformat(message["expires"]) - datetime.now(UTC)
        assert lives.total_seconds() > settings.CLOCKS_APART, message["task"]


def test_reading_the_fields_of_all_connections_holds_up_nothing_that_is_due(hub: Hub, queue):
    Connection.objects.create(name="hangs", url="http://127.0.0.1:9", database="x", login="x", secret="x")
    messages("pull")
    tasks.refresh_schemas()
    assert messages("housekeeping") == []
    sent = messages("pull")
    assert len(sent) == 2, "each of them by itself, where long work is done"
    for message in sent:
        lives = datetime.fromisoformat(message["expires"]) - datetime.now(UTC)
        assert timedelta(hours=12) < lives < timedelta(hours=23), (
            "behind first pulls of hours, until the next night"
        )
