"""Requests of consumers in the audit log."""

from django.test import Client

from endpoints.models import AccessKey
from synchub.audit.models import Exchange
from tests.conftest import Hub

URL = "/bj_api_sync/v1/partners"


def test_a_write_is_kept_with_who_asked_and_under_which_id(hub: Hub):
    endpoint = hub.partners(auth="bearer")
    key = AccessKey(endpoint=endpoint, name="shop")
    key.set_token("t0ken-of-the-shop")
    key.save()
    answer = Client().post(
        URL,
        {"customer_id": "X1", "name": "A"},
        content_type="application/json",
        headers={"Authorization": "Bearer t0ken-of-the-shop", "X-Request-ID": "order-17"},
    )
    assert answer.status_code == 201
    kept = Exchange.objects.get(direction="in")
    assert (kept.request_id, kept.endpoint, kept.access_key, kept.method, kept.status, kept.failed) == (
        "order-17", "partners", "shop", "POST", "201", False,
    )  # fmt: skip
    assert (kept.target, kept.address) == (URL, "127.0.0.1")
    assert "t0ken" not in str(Exchange.objects.filter(pk=kept.pk).values())


def test_a_refusal_is_kept_with_what_was_answered(hub: Hub):
    hub.partners()
    Client().post(URL, {"customer_id": "X1"}, content_type="application/json")
    kept = Exchange.objects.get(direction="in")
    assert (kept.status, kept.failed) == ("400", True)
    assert "“name” is required" in kept.response


def test_what_was_only_read_is_not_kept(hub: Hub):
    hub.partners()
    assert Client().get(URL).status_code == 200
    assert not Exchange.objects.filter(direction="in").exists()
