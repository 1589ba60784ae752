"""The client against an Odoo: the practice one always, and a real one where `ODOO_TEST_URL` names it.

With `ODOO_TEST_URL`, `ODOO_TEST_DB`, `ODOO_TEST_LOGIN`, `ODOO_TEST_PASSWORD` set the same tests run over both,
which is what keeps the practice Odoo honest. Records made here are deleted again.
"""

import os
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from synchub.errors import OdooMisconfigured, OdooPermanent
from synchub.odoo import CallReport, OdooAccess, OdooClient
from synchub.odoo.wire import LARGEST

REAL = os.environ.get("ODOO_TEST_URL", "")
PARTNER = "res.partner"


@pytest.fixture(
    scope="module",
    params=[
        "practice",
        pytest.param("real", marks=pytest.mark.skipif(not REAL, reason="ODOO_TEST_URL is not set")),
    ],
)
def access(request: pytest.FixtureRequest) -> Iterator[OdooAccess]:
    if request.param == "real":
        yield OdooAccess(
            url=REAL,
            database=os.environ["ODOO_TEST_DB"],
            login=os.environ["ODOO_TEST_LOGIN"],
            secret=os.environ["ODOO_TEST_PASSWORD"],
        )
        return
    from demo.odoo import PracticeOdoo

    with PracticeOdoo(seed_records=50) as odoo:
        yield OdooAccess(odoo.url, odoo.database, odoo.login, odoo.password)


@pytest.fixture
def reports() -> list[CallReport]:
    return []


@pytest.fixture
def client(access: OdooAccess, reports: list[CallReport]) -> Iterator[OdooClient]:
    with OdooClient(access, on_call=reports.append) as client:
        yield client


@pytest.fixture
def mark(client: OdooClient) -> Iterator[str]:
    """A text that only this test's partners have in `ref`; they are deleted after it."""
    mark = f"contract-{uuid.uuid4().hex}"
    yield mark
    domain = ["|", ("ref", "=", mark), ("parent_id.ref", "=", mark)]
    client.unlink(PARTNER, client.search(PARTNER, domain, context={"active_test": False}))


def test_version_and_login(client: OdooClient, reports: list[CallReport]) -> None:
    version = client.version()
    assert version["server_version_info"][0] >= 17
    assert client.authenticate() > 0
    assert client.authenticate() == client.authenticate()
    assert [report.method for report in reports] == ["version", "authenticate"]


@pytest.mark.parametrize("changes", [{"secret": "wrong"}, {"login": "nobody"}, {"database": "no_such_db"}])
def test_a_login_that_is_refused(access: OdooAccess, changes: dict[str, Any]) -> None:
    with OdooClient(replace(access, **changes)) as client, pytest.raises(OdooMisconfigured):
        client.search(PARTNER, [], limit=1)


def test_create_read_write_unlink(client: OdooClient, mark: str) -> None:
    ids = client.create(PARTNER, [{"name": f"n{number}", "ref": mark} for number in range(3)])
    assert ids == sorted(ids)
    assert len(set(ids)) == 3
    client.write(PARTNER, ids[:2], {"email": "a@example.com"})
    assert client.read(PARTNER, ids, ["name", "email", "parent_id", "category_id", "active"]) == [
        {
            "id": ids[number],
            "name": f"n{number}",
            "email": "a@example.com" if number < 2 else False,
            "parent_id": False,
            "category_id": [],
            "active": True,
        }
        for number in range(3)
    ]
    client.unlink(PARTNER, ids[:1])
    assert client.read(PARTNER, ids[:1], ["name"]) == []
    with pytest.raises(OdooPermanent, match="does not exist or has been deleted") as caught:
        client.unlink(PARTNER, ids[:1])
    assert caught.value.code == 2


def test_pages_in_order_and_bare_many2one(client: OdooClient, mark: str) -> None:
    (parent,) = client.create(PARTNER, [{"name": "parent", "ref": mark}])
    ids = client.create(PARTNER, [{"name": f"n{n}", "ref": mark, "parent_id": parent} for n in range(5)])
    domain = [("ref", "=", mark), ("parent_id", "=", parent)]
    assert client.search(PARTNER, domain, order="id desc", limit=2, offset=1) == [ids[3], ids[2]]
    assert client.search_count(PARTNER, domain) == 5
    assert client.search_read(PARTNER, domain, ["parent_id"], order="id", limit=1) == [
        {"id": ids[0], "parent_id": parent}
    ]


@pytest.mark.parametrize(
    "text", ["Ré & <b> 😀 ]]>", "a\r\nb\rc\nd", "tab\there", "\x7f\x85 \U0001ffff", "'\"\\"]
)
def test_text_comes_back_as_it_went(client: OdooClient, mark: str, text: str) -> None:
    # `name` is free of what fields like `street` may do to white space.
    (made,) = client.create(PARTNER, [{"name": f"<{text}>", "ref": mark}])
    assert client.read(PARTNER, [made], ["name"]) == [{"id": made, "name": f"<{text}>"}]
    assert client.search(PARTNER, [("ref", "=", mark), ("name", "=", f"<{text}>")]) == [made]


def test_values_of_other_types(client: OdooClient, mark: str) -> None:
    values = {"name": "x", "ref": mark, "partner_latitude": 50.5, "color": 3, "active": False, "email": None}
    (made,) = client.create(PARTNER, [values])
    assert client.search(PARTNER, [("ref", "=", mark)]) == []
    assert client.search(PARTNER, [("ref", "=", mark)], context={"active_test": False}) == [made]
    fields = ["partner_latitude", "color", "active", "email"]
    assert client.read(PARTNER, [made], fields) == [
        {"id": made, "partner_latitude": 50.5, "color": 3, "active": False, "email": False}
    ]
    long_ago = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
    fresh = [("ref", "=", mark), ("write_date", ">", long_ago)]
    assert client.search(PARTNER, fresh, context={"active_test": False}) == [made]
    assert client.search(PARTNER, [("ref", "=", mark), ("write_date", "<", date(2001, 2, 3))]) == []
    with pytest.raises(OdooPermanent):
        client.write(PARTNER, [LARGEST], {"color": 1})


def test_load_is_an_upsert_and_all_or_nothing(client: OdooClient, mark: str) -> None:
    names = [f"__hub_test__.{mark}_{number}" for number in range(3)]
    first = client.load(PARTNER, ["id", "name", "ref"], [[name, "one", mark] for name in names[:2]])
    assert first.messages == []
    assert first.ids is not None
    again = client.load(PARTNER, ["id", "name"], [[name, "two"] for name in names[:2]])
    assert again.ids == first.ids
    assert [row["name"] for row in client.read(PARTNER, first.ids, ["name"])] == ["two", "two"]
    rows = [[names[0], "three", ""], [names[2], "three", "Nowhereland"]]
    bad = client.load(PARTNER, ["id", "name", "country_id"], rows)
    assert bad.ids is None
    assert [(said.type, said.record, said.field) for said in bad.messages] == [("error", 1, "country_id")]
    assert "Nowhereland" in bad.messages[0].message
    assert [row["name"] for row in client.read(PARTNER, first.ids, ["name"])] == ["two", "two"]


@pytest.mark.parametrize(
    ("call", "code", "text"),
    [
        (lambda c: c.search("no.such.model", []), 2, "no.such.model"),
        (lambda c: c.execute(PARTNER, "no_such_method"), 1, "does not exist"),
        (lambda c: c.execute(PARTNER, "_write", [1], {}), 4, "Private methods"),
        (
            lambda c: c.search(PARTNER, [("no_such_field", "=", 1)]),
            1,
            "Invalid field res.partner.no_such_field",
        ),
        (lambda c: c.read(PARTNER, [1], ["nope"]), 1, "Invalid field 'nope' on"),  # with “model” before 19
        (
            lambda c: c.create(PARTNER, [{"name": "x", "type": "nope"}]),
            1,
            "Wrong value for res.partner.type: 'nope'",
        ),
        (lambda c: c.create(PARTNER, [{"name": "x"}, {}]), 2, "Contacts require a name"),
        (lambda c: c.create(PARTNER, [{"name": "x", "partner_latitude": "abc"}]), 1, "could not convert"),
        (lambda c: c.search(PARTNER, [], context={"lang": "xx_XX"}), 2, "Invalid language code"),
    ],
)
def test_faults(client: OdooClient, call: Any, code: int, text: str) -> None:
    with pytest.raises(OdooPermanent) as caught:
        call(client)
    assert caught.value.code == code
    assert text in caught.value.message
    assert "Traceback" not in caught.value.message


def test_a_batch_with_a_bad_record_creates_nothing(client: OdooClient, mark: str) -> None:
    with pytest.raises(OdooPermanent):
        client.create(PARTNER, [{"name": "good", "ref": mark}, {"name": "bad", "ref": mark, "type": "nope"}])
    assert client.search_count(PARTNER, [("ref", "=", mark)]) == 0


def test_fields(client: OdooClient) -> None:
    fields = client.fields_get(PARTNER)
    assert fields["name"]["type"] == "char"
    assert fields["country_id"]["relation"] == "res.country"
    assert dict(fields["type"]["selection"])["contact"]
    assert fields["id"]["readonly"] is True
    assert not any("groups" in field for field in fields.values())
