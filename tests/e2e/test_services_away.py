"""Redis or PostgreSQL flushed or away: the API says so, and nothing accepted is lost."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.e2e import processes
from tests.e2e.forwarder import Forwarder
from tests.e2e.stack import Api, NoAnswer, Stack
from tests.e2e.waiting import until


class FarWeb:
    """A second web process, which reaches its services through forwarders."""

    def __init__(self, stack: Stack) -> None:
        database, broker = urlsplit(stack.env["DATABASE_URL"]), urlsplit(stack.redis_url)
        self.database = Forwarder(database.hostname or "127.0.0.1", database.port or 5432)
        self.redis = Forwarder(broker.hostname or "127.0.0.1", broker.port or 6379)
        credentials, at, _ = broker.netloc.rpartition("@")
        env = stack.env | {
            "DATABASE_URL": stack.database_url(self.database.port),
            "REDIS_URL": broker._replace(netloc=f"{credentials}{at}127.0.0.1:{self.redis.port}").geturl(),
        }
        port = processes.free_port()
        self.api = Api(port)
        self.program = processes.web("far-web", port, env, stack.folder)


@pytest.fixture
def far(stack: Stack) -> Iterator[FarWeb]:
    far = FarWeb(stack)
    stack.guest(far.program)
    until(far.api.is_there, "the second web server answers")
    yield far
    far.program.kill()
    far.database.close()
    far.redis.close()


def test_without_redis_writes_are_accepted_and_carried_by_the_sweep(stack: Stack, far: FarWeb):
    far.redis.close()
    assert far.api.post({"customer_id": "NOREDIS-1", "name": "A"}).status == 201
    stack.arrived("NOREDIS", 1)
    far.redis.open()
    assert far.api.post({"customer_id": "NOREDIS-2", "name": "B"}).status == 201
    stack.arrived("NOREDIS", 2)


def test_without_postgresql_the_answer_is_503_until_it_is_back(stack: Stack, far: FarWeb):
    far.database.close()
    for answer in (far.api.post({"customer_id": "NODB-1", "name": "A"}), far.api.get("partners")):
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) > 0
        assert set(answer.body) == {"message", "request_id"}
    far.database.open()
    until(lambda: _status(far, "NODB-1") == 201, "it is accepted again", 60)
    stack.arrived("NODB", 1)


def test_a_flushed_redis_costs_nothing(stack: Stack):
    stack.worker.kill()
    assert stack.api.post({"customer_id": "FLUSH-1", "name": "A"}).status == 201
    stack.redis.flushdb()
    stack.worker.start()
    stack.arrived("FLUSH", 1)
    # And under a worker and a beat that live on: whatever they need there, they make again.
    stack.redis.flushdb()
    assert stack.api.post({"customer_id": "FLUSH-2", "name": "B"}).status == 201
    stack.arrived("FLUSH", 2)


def _status(far: FarWeb, name: str) -> Any:
    try:
        return far.api.post({"customer_id": name, "name": "A"}).status
    except NoAnswer:
        return None
