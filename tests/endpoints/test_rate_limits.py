"""How often consumers may ask: counted exactly, told on every answer, and no way to guess keys."""

import re
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.contrib.auth import hashers
from django.test import Client

from endpoints import limiter, rates, registry
from endpoints.api import auth
from endpoints.limiter import Limit
from endpoints.models import AccessKey, Endpoint
from synchub import redis_client
from tests.conftest import Hub
from tests.endpoints.conftest import BASE, Api
from tests.endpoints.test_access import basic
from tests.endpoints.test_served import Server, serving, until

TOKEN = "hub_a-token-of-the-shop"
LINES = {"customer_id": {"field": "ref", "identifier": True}, "name": "name"}


def key(endpoint: Endpoint, token: str = TOKEN, name: str = "shop") -> AccessKey:
    made = AccessKey(endpoint=endpoint, name=name)
    made.set_token(token)
    made.save()
    return made


@pytest.fixture(autouse=True)
def _redis_was_never_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_client, "_quiet_until", 0.0)


@pytest.fixture
def limited(desk: Hub) -> Endpoint:
    """5 a minute from an address, 3 an hour with a key."""
    made: Endpoint = desk.endpoint(
        "limited", "res.partner", LINES, auth="bearer", rate_per_address="5/minute", rate_per_key="3/hour"
    )
    key(made)
    return made


@pytest.fixture
def shop() -> Api:
    return Api(Authorization=f"Bearer {TOKEN}")


def test_every_answer_tells_the_limits_and_where_one_stands(limited: Endpoint, shop: Api):
    answer = shop.ask("GET", "limited")
    assert answer["RateLimit-Policy"] == '"address";q=5;w=60, "key";q=3;w=3600'
    assert answer["RateLimit"] == '"address";r=4;t=60, "key";r=2;t=3600'
    for method, path in (("GET", "limited/nobody"), ("OPTIONS", "limited")):
        answer = shop.ask(method, path)
        assert re.fullmatch(r'"address";r=\d;t=\d+, "key";r=\d;t=\d+', answer["RateLimit"])
    assert answer["RateLimit"].startswith('"address";r=2;')


def test_who_asks_too_often_is_told_when_to_come_back_and_how_long_the_key_is_good(
    limited: Endpoint, shop: Api
):
    AccessKey.objects.update(expires_at=datetime(2999, 1, 31, tzinfo=UTC))
    registry.clear()
    for _ in range(3):
        shop.get("limited")
    answer = shop.ask("GET", "limited")
    assert answer.status_code == 429
    assert 3590 < int(answer["Retry-After"]) <= 3600
    assert answer["RateLimit"].endswith('"key";r=0;t=' + answer["Retry-After"])
    assert "3 in 3,600 seconds" in answer.json()["message"]
    assert answer["X-Access-Key-Expires"] == "2999-01-31T00:00:00Z"
    Api().ask("GET", "limited")
    Api().ask("GET", "limited")
    told_nothing = shop.ask("GET", "limited")
    assert "one address" in told_nothing.json()["message"]
    assert "X-Access-Key-Expires" not in told_nothing


def test_what_is_refused_is_counted_nowhere(limited: Endpoint, shop: Api):
    for _ in range(3):
        shop.get("limited")
    for _ in range(5):
        assert shop.ask("GET", "limited").status_code == 429
    # Two are left of the address: the key's refusals took nothing from it.
    assert Api().ask("GET", "limited")["RateLimit"].startswith('"address";r=1;')


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("GET", "limited", None, {"Authorization": "Bearer wrong"}, 401),
        ("GET", "limited/nobody", None, {}, 404),
        ("GET", "limited?nokey=1", None, {}, 400),
        ("PATCH", "limited/A", None, {}, 405),
        ("POST", "limited", {"nokey": 1}, {}, 400),
        ("GET", "limited", None, {"X-API-Version": "9"}, 400),
    ],
)
def test_refusals_count_and_tell_the_limits_as_well(
    limited: Endpoint, shop: Api, method: str, path: str, body: Any, headers: dict[str, str], status: int
):
    answer = shop.ask(method, path, body, headers=headers)
    assert answer.status_code == status, answer.content
    assert answer["RateLimit"].startswith('"address";r=4;')
    assert answer["RateLimit-Policy"].startswith('"address";q=5;w=60')


def test_guessing_tokens_gives_the_same_401_and_then_429_for_the_right_one_too(limited: Endpoint, shop: Api):
    answers = [Api().ask("GET", "limited", headers={"Authorization": f"Bearer {n}"}) for n in range(8)]
    assert [one.status_code for one in answers] == [401] * 5 + [429] * 3
    assert all('"key"' not in one["RateLimit-Policy"] for one in answers)
    right = shop.ask("GET", "limited")
    assert right.status_code == 429
    # Nothing of it says that this was a key.
    assert right["RateLimit-Policy"] == answers[-1]["RateLimit-Policy"]
    assert right.json()["message"][:40] == answers[-1].json()["message"][:40]


def test_guessing_passwords_stops_before_the_slow_hash(desk: Hub, monkeypatch: pytest.MonkeyPatch):
    endpoint = desk.endpoint("basic", "res.partner", LINES, auth="basic", rate_per_address="3/minute")
    shop = AccessKey(endpoint=endpoint, name="shop")
    shop.set_password("shop", "right")
    shop.save()
    auth._verified.clear()
    auth._nobodys_hash()
    hashed: list[str] = []
    slow = hashers.PBKDF2PasswordHasher.verify

    def counted(self: Any, password: str, encoded: str) -> bool:
        hashed.append(password)
        return bool(slow(self, password, encoded))

    monkeypatch.setattr(hashers.PBKDF2PasswordHasher, "verify", counted)
    answers = [
        Api().ask("GET", "basic", HTTP_AUTHORIZATION=basic("shop", f"guess-{n}")).status_code
        for n in range(6)
    ]
    assert answers == [401] * 3 + [429] * 3
    assert len(hashed) == 3


def test_each_key_and_each_endpoint_is_counted_by_itself(limited: Endpoint, desk: Hub, shop: Api):
    key(limited, "hub_another", "another")
    other = desk.endpoint("other", "res.partner", LINES, auth="none", rate_per_address="5/minute")
    for _ in range(3):
        shop.get("limited")
    assert shop.ask("GET", "limited").status_code == 429
    Api(Authorization="Bearer hub_another").get("limited")
    assert Api().ask("GET", other.name)["RateLimit"].startswith('"address";r=4;')


def test_without_limits_nothing_is_counted_and_nothing_told(desk: Hub):
    desk.endpoint("free", "res.partner", LINES)
    answer = Api().ask("GET", "free")
    assert "RateLimit" not in answer
    assert "RateLimit-Policy" not in answer


def test_the_window_moves(monkeypatch: pytest.MonkeyPatch):
    """Two at the end of one minute and two at the beginning of the next are not four in a minute."""
    limit = Limit("address", "test:moving", rates.parse("2/minute"))
    with redis.Redis.from_url(django_settings.REDIS_URL) as client:
        name = limiter.PREFIX + limit.counter
        client.delete(name)
        seconds, micro = client.time()
        now = seconds * 1000 + micro // 1000
        client.lpush(name, now - 40_000, now - 20_000)
        assert not limiter.count([limit]).admitted
        client.lset(name, -1, now - 60_000)
        assert limiter.count([limit]).admitted, "the first has left"
        assert not limiter.count([limit]).admitted
        assert client.llen(name) == 2
        assert 0 < client.pttl(name) <= 60_000


@pytest.mark.parametrize("text", ["0/minute", "5", "often", "5/minute;9/hour", "-1/minute", "5/0 minutes "])
def test_what_is_no_rate_is_refused_with_an_example(text: str):
    assert rates.problem(text) is not None or text.startswith("5/0")


def test_keys_cannot_be_guessed_at_the_index_or_the_description_either(limited: Endpoint):
    guesses = [
        Api().ask("GET", "limited.openapi.json", headers={"Authorization": f"Bearer {n}"}).status_code
        for n in range(7)
    ]
    assert guesses == [401] * 5 + [429] * 2
    with redis.Redis.from_url(django_settings.REDIS_URL) as client:
        client.delete(f"{limiter.PREFIX}guess:127.0.0.1")
    answers = Counter(
        Api().ask("GET", f"{BASE}/", headers={"Authorization": f"Bearer {n}"}).status_code for n in range(110)
    )
    assert answers == {401: 100, 429: 10}


# Addresses


@pytest.fixture
def from_afar(desk: Hub, settings: Any) -> Any:
    """What is left of an address's five requests, by what the proxies say."""
    from ipaddress import ip_network

    settings.TRUSTED_PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    desk.endpoint("afar", "res.partner", LINES, rate_per_address="100/minute")

    def left(peer: str, forwarded: str | None = None) -> int:
        headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
        answer = Api().ask("GET", "afar", headers=headers, REMOTE_ADDR=peer)
        return int(answer["RateLimit"].split("r=")[1].split(";")[0])

    return left


def test_a_made_up_forwarded_address_opens_no_new_account(from_afar: Any):
    assert from_afar("192.0.2.1") == 99
    assert from_afar("192.0.2.1", "1.1.1.1") == 98  # no proxy of ours said so
    assert from_afar("10.0.0.1", "203.0.113.5") == 99
    assert from_afar("10.0.0.1", "9.9.9.9, 203.0.113.5") == 98  # the client's own word stands to the left
    assert from_afar("10.0.0.1", "9.9.9.9, 203.0.113.5, 10.0.0.2") == 97  # through two proxies
    assert from_afar("10.0.0.2", "203.0.113.5:4711") == 96
    assert from_afar("10.0.0.2", "::ffff:203.0.113.5") == 95
    assert from_afar("fd00::1", "[2001:db8::5]:80") == 99
    assert from_afar("10.0.0.1", "2001:db8::6") == 98  # the same customer
    assert from_afar("10.0.0.1", "unknown") == 99  # counted as the proxy itself
    assert from_afar("10.0.0.1") == 98


def test_by_default_nobody_is_trusted():
    assert django_settings.TRUSTED_PROXIES == ()


# Redis away


@pytest.fixture
def no_redis(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"


def test_without_redis_each_process_counts_by_itself_and_health_says_so(
    no_redis: None, limited: Endpoint, shop: Api
):
    assert [shop.ask("GET", "limited").status_code for _ in range(5)] == [200] * 3 + [429] * 2
    assert "Retry-After" in shop.ask("GET", "limited")
    answer = Client().get("/healthz")
    assert answer.status_code == 200
    assert "Redis does not answer" in answer.json()["warnings"][0]


def test_a_redis_that_is_silent_is_asked_once_and_not_by_every_request(limited: Endpoint, settings: Any):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, never answers
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        started = time.monotonic()
        while time.monotonic() - started < redis_client.HOLD_OFF / 2:
            Api().ask("GET", "limited")
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_when_redis_is_back_it_counts_again(
    limited: Endpoint, settings: Any, shop: Api, monkeypatch: pytest.MonkeyPatch
):
    there = settings.REDIS_URL
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    shop.get("limited")
    settings.REDIS_URL = there
    monkeypatch.setattr(redis_client, "_quiet_until", 0.001)  # the hold-off is over
    assert '"key";r=2;' in shop.ask("GET", "limited")["RateLimit"]
    assert '"key";r=1;' in shop.ask("GET", "limited")["RateLimit"]
    assert Client().get("/healthz").json() == {"status": "ok"}


def test_a_redis_that_was_emptied_costs_nothing(limited: Endpoint, shop: Api):
    shop.get("limited")
    with redis.Redis.from_url(django_settings.REDIS_URL) as client:
        client.script_flush()
        client.delete(*client.keys(f"{limiter.PREFIX}*"))
    assert '"key";r=2;' in shop.ask("GET", "limited")["RateLimit"]


# Many at once, over real sockets and processes


@pytest.fixture(scope="module")
def two_workers(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("web"), django_db_blocker, workers=2) as server:
        yield server


@pytest.mark.processes
def test_of_ten_times_as_many_requests_exactly_the_allowed_ones_pass(hub: Hub, two_workers: Server):
    endpoint = hub.endpoint(
        "crowded", "res.partner", LINES, auth="bearer", rate_per_address="60/minute", rate_per_key="40/hour"
    )
    key(endpoint)
    path = f"{BASE}/crowded"
    until(lambda: two_workers.get(f"{BASE}/crowded").status == 401)
    with redis.Redis.from_url(django_settings.REDIS_URL) as client:
        client.delete(*client.keys(f"{limiter.PREFIX}*"))
    with ThreadPoolExecutor(16) as many:
        answers = list(many.map(lambda _: two_workers.get(path, Authorization=f"Bearer {TOKEN}"), range(400)))
    assert Counter(one.status for one in answers) == {200: 40, 429: 360}
    left = sorted(
        int(one.headers["ratelimit"].split('"key";r=')[1].split(";")[0])
        for one in answers
        if one.status == 200
    )
    assert left == list(range(40))  # each of them saw another number


@pytest.mark.processes
def test_a_key_that_is_taken_away_opens_nothing_from_the_next_request_on(hub: Hub, two_workers: Server):
    endpoint = hub.endpoint("taken", "res.partner", LINES, auth="bearer", rate_per_address="100000/minute")
    until(lambda: two_workers.get(f"{BASE}/taken").status == 401)

    def statuses(token: str) -> set[int]:
        # So many that both workers answer.
        with ThreadPoolExecutor(8) as many:
            answers = many.map(
                lambda _: two_workers.get(f"{BASE}/taken", Authorization=f"Bearer {token}"), range(24)
            )
            return {one.status for one in answers}

    for number in range(5):
        made = key(endpoint, f"hub_token-{number}", f"key-{number}")
        assert statuses(f"hub_token-{number}") == {200}
        made.enabled = False
        made.save()
        assert statuses(f"hub_token-{number}") == {401}
        registry.clear()
