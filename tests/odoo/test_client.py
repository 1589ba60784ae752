"""What the client sends, what it makes of the answers, and what it never tells."""

import logging
import os
import signal
from typing import Any

import pytest

from synchub.errors import (
    OdooError,
    OdooMisconfigured,
    OdooPermanent,
    OdooRetryable,
    OdooUnknownOutcome,
    ValueNotSendable,
)
from synchub.odoo import NAMED, CallReport, LoadMessage, Login, OdooAccess, OdooClient
from tests.odoo import servers
from tests.odoo.servers import PASSWORD, USER_ID, Request, Server, answer, fault, raw

UNMARSHALLABLE = (
    'Traceback (most recent call last):\n  File "client.py", line 1, in dump_nil\n    raise TypeError\n'
    "TypeError: cannot marshal None unless allow_none is enabled\n"
)


def sent(server: Server) -> Any:
    """The model, method, args and kwargs of the last call."""
    method, params = server.requests[-1].call
    assert method == "execute_kw"
    assert params[:3] == ("db", USER_ID, PASSWORD)
    return params[3:]


def test_calls_as_they_go_out() -> None:
    calls: list[tuple[Any, Any, Any]] = [
        # what is called, what Odoo answers, what must have been sent
        (lambda c: c.search("m", [("a", "=", 1)], limit=5, offset=10, order="id"), [1],
         ("m", "search", [[["a", "=", 1]]], {"limit": 5, "offset": 10, "order": "id"})),
        (lambda c: c.search("m", []), [], ("m", "search", [[]], {})),
        (lambda c: c.search_read("m", [], ("a",), limit=0), [],
         ("m", "search_read", [[]], {"fields": ["a"], "load": "", "limit": 0})),
        (lambda c: c.search_count("m", []), 5, ("m", "search_count", [[]], {})),
        (lambda c: c.read("m", {3: 1}, ["a"]), [{"id": 3, "a": 1}], ("m", "read", [[3]], {"fields": ["a"], "load": ""})),
        (lambda c: c.create("m", ({"a": 1}, {})), [1, 2], ("m", "create", [[{"a": 1}, {}]], {})),
        (lambda c: c.write("m", (1, 2), {"a": None}), True,
         ("m", "write", [[1, 2], {"a": None}], {"context": {"delay_translations": True}})),
        (lambda c: c.unlink("m", [1]), True, ("m", "unlink", [[1]], {})),
        (lambda c: c.load("m", ("id", "a"), [("x.y", b"z")]), {"ids": [1], "messages": []},
         ("m", "load", [["id", "a"], [["x.y", "eg=="]]], {"context": {"delay_translations": True}})),
        (lambda c: c.fields_get("m"), {}, ("m", "fields_get", [], {"attributes": list(NAMED)})),
        (lambda c: c.execute("m", "f", 1, "a\r\nb", model="x", method="y"), 0,
         ("m", "f", [1, "a\r\nb"], {"model": "x", "method": "y"})),
    ]  # fmt: skip
    behaviours = [answer(given) for _, given, _ in calls]
    with Server(*behaviours) as server, OdooClient(server.access()) as client:
        for call, _, expected in calls:
            call(client)
            assert sent(server) == expected


@pytest.mark.parametrize(
    ("series", "answered"), [("17.0", True), ("saas~17.2", True), ("18.0", False), (None, False)]
)
def test_a_language_that_odoo_lacks_is_refused_where_odoo_would_take_it_for_english(
    series: str | None, answered: bool
) -> None:
    def common(request: Request) -> bool:
        method, _ = request.call
        return answer({"server_serie": series} if method == "version" else USER_ID)(request)

    active = [answer([{"id": 1, "code": "en_US"}, {"id": 2, "code": "fr_FR"}])] if answered else []
    with Server(*active, answer(True), logins=common) as server, OdooClient(server.access()) as client:
        client.write("m", [1], {"name": "Bonjour"}, context={"lang": "fr_FR"})
        client.write("m", [1], {"name": "Hello"}, context={"lang": "en_US"})
        written = len(server.requests)
        if answered:
            with pytest.raises(OdooPermanent, match="Invalid language code: de_DE"):
                client.write("m", [1], {"name": "Hallo"}, context={"lang": "de_DE"})
            assert len(server.requests) == written  # and nothing has gone over the English text
        else:  # it refuses that itself
            client.write("m", [1], {"name": "Hallo"}, context={"lang": "de_DE"})


def test_a_field_that_is_gone_is_named_by_an_odoo_that_gives_its_bare_name() -> None:
    said = (
        "Traceback (most recent call last):\n  File \"models.py\", line 1184, in load\nKeyError: 'x_gone'\n"
    )
    with Server(fault(1, said)) as server, OdooClient(server.access()) as client:
        with pytest.raises(OdooPermanent, match=r"^Invalid field name 'x_gone'$"):
            client.load("m", ["id", "x_gone/id"], [["a.b", "1"]])
        with pytest.raises(OdooPermanent, match=r"^KeyError: 'x_gone'$") as other:
            client.load("m", ["id", "name"], [["a.b", "1"]])
        assert other.value.__cause__ is not other.value


def test_nothing_to_create_is_no_call() -> None:
    with Server(answer(1)) as server, OdooClient(server.access()) as client:
        assert client.create("m", []) == []
        assert server.connections == 0


def test_the_context_of_the_access_and_of_the_call() -> None:
    with Server(answer([])) as server:
        access = server.access(company_ids=(2, 1), language="fr_BE", time_zone="Europe/Brussels")
        with OdooClient(access) as client:
            client.search("m", [], context={"lang": "nl_BE", "active_test": False})
            assert sent(server)[3]["context"] == {
                "lang": "nl_BE",
                "tz": "Europe/Brussels",
                "allowed_company_ids": [2, 1],
                "active_test": False,
            }


def test_an_address_with_a_path() -> None:
    with Server(answer(1)) as server:
        with OdooClient(server.access(url=f"http://127.0.0.1:{server.port}/base/")) as client:
            client.execute("m", "f")
        assert server.requests[0].path == "/base/xmlrpc/2/object"


def test_the_login_is_asked_for_once_and_again_after_it_was_refused() -> None:
    logins: list[servers.Request] = []

    def login(request: servers.Request) -> bool:
        logins.append(request)
        return answer(USER_ID)(request)

    behaviours = (answer(1), fault(3, "Access Denied"), answer(2))
    with Server(*behaviours, logins=login) as server, OdooClient(server.access()) as client:
        assert client.authenticate() == USER_ID
        assert client.execute("m", "f") == 1
        assert len(logins) == 1
        with pytest.raises(OdooMisconfigured) as caught:
            client.execute("m", "f")
        assert caught.value.code == 3
        assert client.execute("m", "f") == 2
        assert [request.call for request in logins] == [("authenticate", ("db", "someone", PASSWORD, {}))] * 2


def test_clients_that_share_their_users_log_in_once_and_see_a_user_that_was_made_anew() -> None:
    asked: list[int] = []

    def login(request: servers.Request) -> bool:
        asked.append(USER_ID + len(asked))
        return answer(asked[-1])(request)

    users: dict[Login, int] = {}
    behaviours = (answer("one"), answer("two"), fault(3, "Access Denied"), answer("three"))
    with Server(*behaviours, logins=login) as server:
        for expected in ("one", "two", "three"):
            with OdooClient(server.access(), users=users) as client:
                assert client.execute("m", "f") == expected
    assert len(asked) == 2
    assert [request.call[1][1] for request in server.requests] == [asked[0]] * 3 + [asked[1]]


@pytest.mark.parametrize(
    ("logins", "kind", "text"),
    [
        (answer(False), OdooMisconfigured, "refuses the login someone for the database db"),
        (fault(3, "Access Denied"), OdooMisconfigured, "refuses the login"),
        (fault(1, 'Traceback (most recent call last):\n  …\nx: database "db" does not exist'), OdooMisconfigured, "no such"),
        # The call that the login is for was not sent: whatever became of the login, the call may be sent again.
        (servers.drop, OdooRetryable, "broke"),
        (raw(b"", "502 Bad Gateway"), OdooRetryable, "HTTP 502"),
        (raw(b"<html/>"), OdooRetryable, "not XML-RPC"),
    ],
)  # fmt: skip
def test_logins_that_fail(logins: servers.Behaviour, kind: type[OdooError], text: str) -> None:
    with Server(answer(1), logins=logins) as server, OdooClient(server.access()) as client:
        with pytest.raises(kind, match=text) as caught:
            client.create("m", [{}])
        assert type(caught.value) is kind
        assert server.requests == []


def test_version() -> None:
    with Server(logins=answer({"server_version": "18.0"})) as server, OdooClient(server.access()) as client:
        assert client.version() == {"server_version": "18.0"}
    with (
        Server(logins=answer("hello")) as server,
        OdooClient(server.access()) as client,
        pytest.raises(OdooMisconfigured, match="not as an Odoo does"),
    ):
        client.version()


def test_values_that_cannot_travel_send_nothing() -> None:
    with Server(answer(1)) as server, OdooClient(server.access()) as client:
        with pytest.raises(ValueNotSendable, match=r"^line_ids\.0\.price: .*record 1"):
            client.create("m", [{}, {"line_ids": [(0, 0, {"price": float("nan")})]}])
        with pytest.raises(ValueNotSendable, match=r"^name: "):
            client.write("m", [1], {"name": "\0"})
        with pytest.raises(ValueNotSendable, match=r"^name: .*record 0"):
            client.load("m", ["id", "name"], [["x.y", "\0"]])
        with pytest.raises(ValueNotSendable, match=r"^context\.lang: "):
            client.search("m", [], context={"lang": "\0"})
        assert server.connections == 0


def test_a_result_without_a_form_is_none_and_no_error() -> None:
    with Server(fault(1, UNMARSHALLABLE)) as server, OdooClient(server.access()) as client:
        assert client.execute("m", "action_done", [1]) is None
        # A reading method has nothing to commit, and its caller needs the answer.
        with pytest.raises(OdooPermanent, match="cannot marshal"):
            client.search_read("m", [], ["a"])


@pytest.mark.parametrize(
    ("call", "given"),
    [
        (lambda c: c.create("m", [{}]), True),
        (lambda c: c.create("m", [{}]), [1, 2]),
        (lambda c: c.search("m", []), False),
        (lambda c: c.search("m", []), ["1"]),
        (lambda c: c.search_count("m", []), "5"),
        (lambda c: c.search_read("m", [], ["a"]), [1, 2]),
        (lambda c: c.search_read("m", [], ["a"]), [{"a": 1}]),
        (lambda c: c.read("m", [1], ["a"]), [{"id": "1", "a": 1}]),
        (lambda c: c.load("m", ["id"], []), [1]),
        (lambda c: c.fields_get("m"), []),
    ],
)
def test_answers_of_another_shape(call: Any, given: Any) -> None:
    with (
        Server(answer(given)) as server,
        OdooClient(server.access()) as client,
        pytest.raises(OdooUnknownOutcome),
    ):
        call(client)


def test_what_load_says() -> None:
    given = {
        "ids": False,
        "messages": [
            {
                "type": "error",
                "record": 0,
                "rows": {"from": 0, "to": 0},
                "field": "country_id",
                "message": "No match",
            },
            {"type": "warning", "message": "In general", "record": False},
        ],
        "nextrow": 0,
    }
    with Server(answer(given)) as server, OdooClient(server.access()) as client:
        result = client.load("m", ["id"], [["a.b"]])
    assert result.ids is None
    assert result.messages == [
        LoadMessage("error", "No match", 0, "country_id"),
        LoadMessage("warning", "In general", None, None),
    ]


def test_load_that_met_a_concurrent_update_may_be_sent_again() -> None:
    text = "Unknown database error: 'could not serialize access due to concurrent update'"
    given = {"ids": False, "messages": [{"type": "error", "message": text, "record": 3}]}
    with (
        Server(answer(given)) as server,
        OdooClient(server.access()) as client,
        pytest.raises(OdooRetryable, match="could not serialize"),
    ):
        client.load("m", ["id"], [["a.b"]])


def test_reports() -> None:
    reports: list[CallReport] = []
    behaviours = [answer([5, 6]), answer(True), answer([1, 2, 3]), fault(2, "No"), servers.drop]
    behaviours.append(answer({"ids": [1, 2], "messages": []}))
    with Server(*behaviours) as server:
        access = server.access()
        with OdooClient(access, on_call=reports.append) as client:
            client.create("m", [{"a": 1}, {"a": 2}])
            client.write("m", [5, 6, 7], {"a": 1})
            client.search("m", [("a", "=", 1)])
            with pytest.raises(OdooPermanent):
                client.unlink("m", [1])
            with pytest.raises(OdooUnknownOutcome):
                client.write("m", [5], {})
            client.load("m", ["id", "a"], [["x.y", 1], ["x.z", 2]])
        bodies = [len(request.body) for request in server.requests]
    assert [(report.model, report.method, report.records) for report in reports] == [
        ("", "authenticate", 0),
        ("m", "create", 2),
        ("m", "write", 3),
        ("m", "search", 3),
        ("m", "unlink", 1),
        ("m", "write", 1),
        ("m", "load", 2),
    ]
    assert [report.request_bytes for report in reports[1:]] == bodies
    assert [type(report.error) for report in reports[4:6]] == [OdooPermanent, OdooUnknownOutcome]
    assert all(report.error is None for report in reports[:4])
    assert [report.response_bytes > 0 for report in reports] == [True, True, True, True, True, False, True]
    assert all(report.seconds >= 0 and report.started_at.tzinfo for report in reports)
    assert {(report.url, report.database) for report in reports} == {(access.url, "db")}


def test_an_interrupted_call_is_reported_too() -> None:
    class TimeLimit(Exception):
        pass

    def interrupt(request: servers.Request) -> bool:
        os.kill(os.getpid(), signal.SIGUSR1)
        return servers.hang(request)

    def limit(*_: object) -> None:
        raise TimeLimit

    reports: list[CallReport] = []
    before = signal.signal(signal.SIGUSR1, limit)
    try:
        with Server(interrupt, answer(1)) as server:
            with OdooClient(server.access(), on_call=reports.append) as client:
                with pytest.raises(TimeLimit):
                    client.write("m", [1], {})
                assert client.execute("m", "f") == 1
            assert len(server.requests) == 2
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert [type(report.error) for report in reports] == [type(None), OdooUnknownOutcome, type(None)]


def test_a_report_that_fails_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def broken(report: CallReport) -> None:
        raise RuntimeError("no room for reports")

    with Server(answer([1])) as server, OdooClient(server.access(), on_call=broken) as client:
        assert client.create("m", [{}]) == [1]
    assert "could not be reported" in caplog.text


def test_the_secret_is_never_told(caplog: pytest.LogCaptureFixture) -> None:
    told: list[object] = []
    behaviours = [
        fault(1, "Traceback (most recent call last):\n  …\nValueError: no"),
        fault(3, "Access Denied"),
        servers.drop,
        servers.reset,
        raw(b"", "302 Found"),
        raw(b"<html/>"),
        raw(b"", "500 No"),
        answer(1),
    ]
    with caplog.at_level(logging.DEBUG), Server(*behaviours) as server:
        access = server.access()
        with OdooClient(access, on_call=told.append) as client:
            for _ in behaviours:
                try:
                    client.execute("m", "f", {"a": "the value"})
                except OdooError as error:
                    cause: BaseException | None = error
                    while cause is not None:
                        told.append(cause)
                        cause = cause.__cause__ or cause.__context__
            with pytest.raises(ValueNotSendable) as caught:
                client.execute("m", "f", {"a": "the value\0"})
            told += [caught.value, client, access, str(access)]
        assert len(server.requests) == len(behaviours)
    everything = caplog.text + "".join(f"{thing!r} {thing}" for thing in told)
    assert PASSWORD not in everything
    assert "the value" not in everything


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"url": "odoo.example.com"}, "must begin with https://"),
        ({"url": "ftp://odoo.example.com"}, "must begin with https://"),
        ({"url": "https://"}, "must begin with https://"),
        ({"url": "https://odoo.example.com/é"}, "must begin with https://"),
        ({"url": "https://odoo example.com"}, "must begin with https://"),
        ({"url": "https://odoo.example.com/\r\nX: y"}, "must begin with https://|is not a URL"),
        ({"url": "https://odoo.example.com:99999"}, "is not a URL"),
        ({"url": "https://a:b@odoo.example.com"}, "must not hold a login"),
        ({"url": "https://odoo.example.com/web#action=1"}, r"write https://odoo\.example\.com\."),
        ({"database": ""}, "database of the Odoo connection is empty"),
        ({"secret": "a\0b"}, "secret of the Odoo connection holds a character"),
        ({"read_timeout": 0}, "above zero"),
    ],
)
def test_an_access_that_can_never_work(changes: dict[str, Any], text: str) -> None:
    values = {"url": "https://odoo.example.com", "database": "d", "login": "l", "secret": "s"}
    with pytest.raises(OdooMisconfigured, match=text):
        OdooAccess(**{**values, **changes})
