"""gzip for whoever takes it."""

import gzip
import json
from typing import Any

import pytest

from tests.conftest import Hub
from tests.endpoints.conftest import Api


@pytest.fixture
def partners(desk: Hub, api: Api) -> Any:
    endpoint = desk.partners()
    api.post("partners", [{"customer_id": f"{n}", "name": f"Partner {n}"} for n in range(20)])
    api.post("partners", {"customer_id": "long", "name": "x" * 5000})
    return endpoint


@pytest.mark.parametrize(
    "taken", ["gzip", "br, gzip;q=0.5", "deflate,GZIP , identity", "*", "gzip; q=1.0", "*;q=0, gzip"]
)
def test_a_list_is_sent_compressed_to_whoever_takes_it(partners: Any, api: Api, taken: str):
    answer = api.ask("GET", "partners", headers={"Accept-Encoding": taken})
    assert (answer["Content-Encoding"], answer["Vary"]) == ("gzip", "Accept-Encoding")
    assert int(answer["Content-Length"]) == len(answer.content) < 1000
    assert json.loads(gzip.decompress(answer.content)) == api.get("partners")


@pytest.mark.parametrize(
    "taken", [None, "", "br", "gzip;q=0", "identity, gzip;q=0.000", "xgzip", "*, gzip;q=0"]
)
def test_nobody_else_gets_it_compressed(partners: Any, api: Api, taken: str | None):
    answer = api.ask("GET", "partners", headers={} if taken is None else {"Accept-Encoding": taken})
    assert "Content-Encoding" not in answer
    assert answer["Vary"] == "Accept-Encoding"
    assert json.loads(answer.content)["count"] == 21


def test_what_is_short_stays_as_it_is(partners: Any, api: Api):
    assert "Content-Encoding" not in api.ask("GET", "partners/1", headers={"Accept-Encoding": "gzip"})


def test_the_tag_of_what_was_compressed_means_the_same(partners: Any, api: Api):
    answer = api.ask("GET", "partners/long", headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert answer["ETag"] != api.ask("GET", "partners/long")["ETag"]
    known = {"If-None-Match": answer["ETag"], "Accept-Encoding": "gzip"}
    assert api.ask("GET", "partners/long", headers=known).status_code == 304
    api.put("partners/long", {"name": "y"}, headers={"If-Match": answer["ETag"]})
    api.put("partners/long", {"name": "z"}, headers={"If-Match": answer["ETag"]}, status=412)


def test_it_can_be_switched_off(partners: Any, api: Api, settings: Any):
    settings.API_COMPRESS_FROM = 0
    assert "Content-Encoding" not in api.ask("GET", "partners", headers={"Accept-Encoding": "gzip"})


def test_head_and_options_tell_what_get_would(partners: Any, api: Api):
    for path in ("partners", "partners/long"):
        got = api.ask("GET", path, headers={"Accept-Encoding": "gzip"})
        head = api.ask("HEAD", path, headers={"Accept-Encoding": "gzip"})
        assert (head.status_code, head.content) == (200, b"")
        for name in ("Content-Encoding", "Content-Length", "ETag", "X-Sync-State", "Vary"):
            assert head.get(name) == got.get(name), name
    assert api.ask("OPTIONS", "partners")["Allow"] == "GET, POST"
    assert api.ask("OPTIONS", "partners/long")["Allow"] == "GET, PUT, DELETE"


@pytest.mark.parametrize("kind", ["openapi.json", "partners.postman.json"])
def test_a_description_is_sent_compressed_and_known_again_by_its_tag(partners: Any, api: Api, kind: str):
    answer = api.ask("GET", kind, headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer["Vary"]
    whole = api.ask("GET", kind)
    assert gzip.decompress(answer.content) == whole.content
    assert answer["ETag"] != whole["ETag"]
    for tag in (answer["ETag"], whole["ETag"]):
        known = api.ask("GET", kind, headers={"If-None-Match": tag, "Accept-Encoding": "gzip"})
        assert (known.status_code, known.content) == (304, b"")
