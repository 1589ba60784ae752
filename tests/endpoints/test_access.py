"""Who may ask: endpoints that are open, take a login and password, or a token."""

import base64
import itertools
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.test.utils import CaptureQueriesContext

from endpoints import registry
from endpoints.api import auth
from endpoints.models import AccessKey, Change, Endpoint
from tests.conftest import Hub
from tests.endpoints.conftest import Api

TOKEN, OTHER_TOKEN = "hub_token-of-the-shop", "hub_token-of-another-endpoint"
REQUESTS = [
    ("GET", ""), ("POST", ""), ("GET", "/A"), ("PUT", "/A"), ("DELETE", "/A"), ("PATCH", "/A"), ("OPTIONS", ""),
    ("HEAD", "/A"),
]  # fmt: skip


def basic(login: str, password: str, encoding: str = "utf-8") -> str:
    return "Basic " + base64.b64encode(f"{login}:{password}".encode(encoding)).decode()


@pytest.fixture
def quick_hashes(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def endpoints(desk: Hub) -> dict[str, Endpoint]:
    """Three endpoints over one kind of record; the keys of `other` are not those of `bearer` and `basic`."""
    made = {}
    for name, way in {"open": "none", "basic": "basic", "bearer": "bearer", "other": "bearer"}.items():
        made[name] = desk.endpoint(
            name,
            "res.partner",
            {"customer_id": {"field": "ref", "identifier": True}, "name": "name"},
            auth=way,
        )
    key(made["bearer"], "shop").set_token(TOKEN)
    key(made["other"], "other").set_token(OTHER_TOKEN)
    for name in ("bearer", "other"):
        for one in _keys:
            if one.endpoint_id == made[name].pk:
                one.save()
    shop = AccessKey(endpoint=made["basic"], name="shop")
    shop.set_password("shop", "pässword:with colon")
    shop.save()
    return made


_keys: list[AccessKey] = []


def key(endpoint: Endpoint, name: str) -> AccessKey:
    one = AccessKey(endpoint=endpoint, name=name)
    _keys.append(one)
    return one


@pytest.fixture(autouse=True)
def _fresh() -> Any:
    _keys.clear()
    auth._verified.clear()
    auth._nobodys_hash.cache_clear()


CREDENTIALS = {
    "nothing": None,
    "empty": "",
    "right token": f"Bearer {TOKEN}",
    "right token, other case": f"bEaReR  {TOKEN} ",
    "other token": f"Bearer {OTHER_TOKEN}",
    "token as basic": f"Basic {TOKEN}",
    "token alone": TOKEN,
    "token and more": f"Bearer {TOKEN} x",
    "no token": "Bearer",
    "right password": basic("shop", "pässword:with colon"),
    "wrong password": basic("shop", "password"),
    "unknown login": basic("nobody", "pässword:with colon"),
    "empty password": basic("shop", ""),
    "no login": basic("", ""),
    "password as bearer": basic("shop", "pässword:with colon").replace("Basic", "Bearer"),
    "latin-1": basic("shop", "pässword:with colon", "latin-1"),
    "no base64": "Basic ???",
    "no colon": "Basic " + base64.b64encode(b"shop").decode(),
    "NUL": basic("shop\x00", "\x00"),
    "digest": 'Digest username="shop"',
    "not ascii": "Bearer é\u00ff",
    "long": "Bearer " + "x" * 20_000,
}
FITTING = {
    "open": set(CREDENTIALS),
    "bearer": {"right token", "right token, other case"},
    "other": {"other token"},
    "basic": {"right password"},
}


@pytest.mark.parametrize("name", FITTING)
def test_only_what_fits_the_endpoint_opens_it(quick_hashes: None, endpoints: Any, name: str):
    refusals = set()
    for (method, path), (title, credentials) in itertools.product(REQUESTS, CREDENTIALS.items()):
        if method != "GET" and title not in (
            "nothing",
            "right token",
            "other token",
            "right password",
            "wrong password",
        ):
            continue
        headers: dict[str, Any] = {} if credentials is None else {"HTTP_AUTHORIZATION": credentials}
        answer = Api().ask(
            method, name + path, {"customer_id": "B"} if method in ("POST", "PUT") else None, **headers
        )
        if title in FITTING[name]:
            assert answer.status_code not in (401, 403), (method, title)
        else:
            assert answer.status_code == 401, (method, title, answer.content)
            assert answer["WWW-Authenticate"].startswith("Basic" if name == "basic" else "Bearer")
            refusals.add(answer.content.replace(answer["X-Request-ID"].encode(), b""))
    assert len(refusals - {b""}) == (0 if name == "open" else 1)  # one text, whatever was wrong


def test_a_refused_write_writes_nothing(endpoints: Any, api: Api):
    assert api.ask("POST", "bearer", {"customer_id": "A"}).status_code == 401
    assert Change.objects.count() == 0


def test_the_name_of_the_key_is_kept_with_the_change(endpoints: Any):
    Api(Authorization=f"Bearer {TOKEN}").post("bearer", {"customer_id": "A", "name": "Ann"})
    assert Change.objects.get().access_key == "shop"


def test_neither_tokens_nor_passwords_are_in_the_database(endpoints: Any):
    stored = str(list(AccessKey.objects.values()))
    assert TOKEN not in stored
    assert "pässword" not in stored


@pytest.mark.parametrize(
    ("name", "credentials"), [("bearer", f"Bearer {TOKEN}"), ("basic", CREDENTIALS["right password"])]
)
def test_a_disabled_or_deleted_key_opens_nothing(endpoints: Any, name: str, credentials: str):
    api = Api(Authorization=credentials)
    api.get(name)
    mine = AccessKey.objects.get(endpoint=endpoints[name])
    mine.enabled = False
    mine.save()
    registry.clear()
    assert api.ask("GET", name).status_code == 401
    mine.enabled = True
    mine.save()
    registry.clear()
    api.get(name)
    mine.delete()
    registry.clear()
    assert api.ask("GET", name).status_code == 401


def test_an_endpoint_without_keys_is_open_to_nobody(endpoints: Any):
    AccessKey.objects.all().delete()
    registry.clear()
    for credentials in CREDENTIALS.values():
        if credentials is not None:
            assert Api().ask("GET", "bearer", HTTP_AUTHORIZATION=credentials).status_code == 401


def test_a_token_survives_the_rotation_of_encryption_keys(endpoints: Any, settings: Any):
    old, new = settings.HUB_ENCRYPTION_KEYS[0], "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="
    settings.HUB_ENCRYPTION_KEYS = [new, old]
    registry.clear()
    Api(Authorization=f"Bearer {TOKEN}").get("bearer")
    settings.HUB_ENCRYPTION_KEYS = [new]
    # The connection's secret cannot be read either: nothing works, and nobody is told why.
    registry.clear()
    answer = Api(Authorization=f"Bearer {TOKEN}").ask("GET", "bearer")
    assert answer.status_code == 503
    assert b"ENCRYPTION" not in answer.content


def test_a_password_is_hashed_slowly_once_and_a_changed_one_forgotten(
    endpoints: Any, monkeypatch: pytest.MonkeyPatch
):
    slow: list[str] = []

    class Counted(hashers.PBKDF2PasswordHasher):
        def verify(self, password: str, encoded: str) -> bool:
            slow.append(encoded)
            return bool(super().verify(password, encoded))

    monkeypatch.setattr(hashers, "get_hashers_by_algorithm", lambda: {"pbkdf2_sha256": Counted()})
    api = Api(Authorization=str(CREDENTIALS["right password"]))
    for _ in range(4):
        api.get("basic")
    assert len(slow) == 1
    shop = AccessKey.objects.get(login="shop")
    shop.set_password("shop", "another")
    shop.save()
    registry.clear()
    assert api.ask("GET", "basic").status_code == 401
    Api(Authorization=basic("shop", "another")).get("basic")


def test_an_unknown_login_costs_as_much_as_a_wrong_password(endpoints: Any, monkeypatch: pytest.MonkeyPatch):
    rounds: list[int] = []

    class Counted(hashers.PBKDF2PasswordHasher):
        def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
            rounds.append(iterations or self.iterations)
            return str(super().encode(password, salt, iterations))

    auth._nobodys_hash()  # made once for the process
    monkeypatch.setattr(hashers, "get_hashers_by_algorithm", lambda: {"pbkdf2_sha256": Counted()})
    Api().ask("GET", "basic", HTTP_AUTHORIZATION=basic("shop", "wrong"))
    wrong = list(rounds)
    rounds.clear()
    Api().ask("GET", "basic", HTTP_AUTHORIZATION=basic("nobody", "wrong"))
    assert rounds == wrong
    assert rounds


def test_authentication_costs_no_query(endpoints: Any):
    from django.db import connection

    api = Api(Authorization=f"Bearer {TOKEN}")
    api.ask("GET", "bearer/nobody")
    with CaptureQueriesContext(connection) as queries:
        api.ask("GET", "bearer/nobody")
    assert [query["sql"] for query in queries if "endpoints_access" in query["sql"]] == []
