"""Messages wake workers; losing one costs a sweep's delay and nothing else."""

import pytest
import redis
from django.conf import settings

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
