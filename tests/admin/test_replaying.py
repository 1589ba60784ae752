"""A refused request is sent again from the audit log, in admin."""

import json

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from endpoints.models import AccessKey, Change, Endpoint, Record
from synchub.audit.buffer import BUFFER
from synchub.audit.models import Exchange
from tests.admin.conftest import said
from tests.conftest import Hub

URL = "/bj_api_sync/v1/partners"
TOKEN = "t0ken-of-the-shop"
BODY = '{"customer_id": "Ä/1?", "name": "A"}'


@pytest.fixture
def desk(hub: Hub) -> Hub:
    endpoint = hub.partners(auth="bearer", methods=["GET", "PUT", "DELETE"])
    key = AccessKey(endpoint=endpoint, name="shop")
    key.set_token(TOKEN)
    key.save()
    return hub


def ask(method: str, path: str = "", body: str = BODY, **headers: str) -> Exchange:
    """The exchange of a request of the shop."""
    Client().generic(
        method, URL + path, body, content_type="application/json",
        headers={"Authorization": f"Bearer {TOKEN}"} | headers,
    )  # fmt: skip
    BUFFER.flush()
    return Exchange.objects.filter(direction="in").latest("id")


def offer(endpoint: str = "partners", **options: object) -> None:
    """What the request was refused for is mended."""
    found = Endpoint.objects.get(name=endpoint)
    for name, value in ({"methods": ["GET", "POST", "PUT", "DELETE"]} | options).items():
        setattr(found, name, value)
    found.save()


def press(browser: Client, exchange: Exchange, **data: str) -> str:
    url = reverse("admin:audit_exchange_do", args=[exchange.pk, "send_again"])
    return said(browser.post(url, data, follow=True)).replace("&quot;", '"').replace("&#x27;", "'")


@pytest.fixture
def boss(client: Client, desk: Hub) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def test_a_refused_request_is_shown_and_then_sent_again_in_the_name_of_its_key(boss: Client):
    # 405 comes before the body is read, so that it was not kept; a body at fault is.
    refused = ask("PUT", "/%C3%84%2F1%3F", '{"name": "B"}')
    assert refused.status == "404"
    question = press(boss, refused)
    assert "access key “shop”" in question
    assert '"name": "B"' in question
    assert not Exchange.objects.exclude(replay_of=None).exists()
    offer(put_creates=True)
    assert "answered with 201" in press(boss, refused, confirmed="yes")
    assert Record.objects.get().external_id == "Ä/1?"
    again = Exchange.objects.get(replay_of=refused.pk)
    assert (again.replayed_by, again.access_key, again.failed) == ("boss", "shop", False)
    assert Change.objects.get().access_key == "shop"
    press(boss, refused, confirmed="yes")
    assert Exchange.objects.filter(replay_of=refused.pk).count() == 1


def test_what_is_refused_again_may_be_sent_once_more(boss: Client):
    refused = ask("PUT", "/X", '{"name": "B"}')
    assert "refused again, with 404" in press(boss, refused, confirmed="yes")
    offer(put_creates=True)
    assert "answered with 201" in press(boss, refused, confirmed="yes")


@pytest.mark.parametrize(
    ("method", "path", "body", "why"),
    [
        ("PUT", "/X", '{"name": "B", "token": "abcdef"}', "what looked like a secret is hidden"),
        ("PUT", "/X", '{"name": "' + "B" * 20_000 + '"}', "in part only"),
        ("POST", "", BODY, "the body is not kept"),
        ("GET", "/nobody", "", "Only a write"),
    ],
)
def test_what_is_not_kept_whole_is_not_sent_again_and_it_says_why(boss: Client, method, path, body, why):
    refused = ask(method, path, body)
    page = said(boss.get(reverse("admin:audit_exchange_change", args=[refused.pk])))
    assert why in page
    assert "/do/send_again/" not in page
    offer(put_creates=True)
    press(boss, refused, confirmed="yes")
    assert not Record.objects.exists()


def test_what_was_accepted_is_not_sent_again(boss: Client):
    offer()
    accepted = ask("POST")
    press(boss, accepted, confirmed="yes")
    assert not Exchange.objects.exclude(replay_of=None).exists()
    assert Change.objects.count() == 1


def test_a_key_that_opens_no_more_sends_nothing(boss: Client):
    refused = ask("PUT", "/X", '{"name": "B"}')
    offer(put_creates=True)
    AccessKey.objects.get().delete()
    page = said(boss.get(reverse("admin:audit_exchange_change", args=[refused.pk])))
    assert "opens this endpoint no longer" in page
    press(boss, refused, confirmed="yes")
    assert not Record.objects.exists()


def test_a_key_may_do_no_more_in_a_replay_than_by_itself(boss: Client):
    refused = ask("PUT", "/X", '{"name": "B"}')
    offer(put_creates=True)
    key = AccessKey.objects.get()
    key.grants.update(methods=["GET"])
    key.save()
    assert "refused again, with 403" in press(boss, refused, confirmed="yes")


def test_looking_is_not_sending(client: Client, desk: Hub):
    refused = ask("PUT", "/X", '{"name": "B"}')
    user = User.objects.create_user("looker", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_exchange", "change_exchange"]))
    client.force_login(user)
    url = reverse("admin:audit_exchange_do", args=[refused.pk, "send_again"])
    assert client.post(url, {"confirmed": "yes"}).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="replay_exchange"))
    assert client.post(url, {"confirmed": "yes"}).status_code == 302
    assert json.loads(Exchange.objects.get(replay_of=refused.pk).request) == {"name": "B"}


def test_exchanges_are_found_by_record_key_status_and_endpoint(boss: Client):
    ask("PUT", "/X 1", '{"name": "B"}')
    ask("PUT", "/Y", '{"name": "B"}')
    url = reverse("admin:audit_exchange_changelist")
    for query, number in (
        ({"q": '"X 1"'}, 1),
        ({"q": "shop"}, 2),
        ({"access_key": "shop", "status": "404", "endpoint": "partners", "method": "PUT"}, 2),
        ({"status": "201"}, 0),
    ):
        assert boss.get(url, query).context["cl"].result_count == number, query
