"""Access keys in admin: made, limited, rotated and revoked by somebody in an office."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from endpoints.models import AccessGrant, AccessKey, Endpoint
from endpoints.models.access import token_digests
from tests.admin.conftest import Sample, form_of, said

LIST = reverse("admin:endpoints_accesskey_changelist")
ADD = reverse("admin:endpoints_accesskey_add")


def tokens(answer: Any) -> list[str]:
    return re.findall(r'value="(hub_[^"]+)"', answer.content.decode())


def page_of(key: AccessKey) -> str:
    return reverse("admin:endpoints_accesskey_change", args=[key.pk])


def press(browser: Client, key: AccessKey, button: str) -> Any:
    url = reverse("admin:endpoints_accesskey_do", args=[key.pk, button])
    return browser.post(url, {"confirmed": "yes"}, follow=True)


@pytest.fixture
def erp(sample: Sample) -> AccessKey:
    key = AccessKey(name="erp")
    key.set_token("first")
    key.save()
    AccessGrant.objects.create(key=key, endpoint=sample.endpoint)
    return key


def test_a_key_for_an_endpoint_is_made_and_its_token_shown_once(admin_page: Client, sample: Sample):
    form = form_of(admin_page.get(ADD)) | {
        "name": "erp", "rate": "5000/hour", "addresses": "203.0.113.0/24 , 2001:db8::/32",
        "grants-0-endpoint": str(sample.endpoint.pk), "grants-0-methods": ["GET"], "grants-0-read": "customer_id, name",
        "grants-0-domain": "[('city', '=', 'Gent')]",
    }  # fmt: skip
    answer = admin_page.post(ADD, form, follow=True)
    [token] = tokens(answer)
    key = AccessKey.objects.get(name="erp")
    assert key.token_digest in token_digests(token)
    assert (key.addresses, key.rate) == (["203.0.113.0/24", "2001:db8::/32"], "5000/hour")
    grant = key.grants.get()
    assert (grant.methods, grant.read, grant.domain) == (
        ["GET"],
        ["customer_id", "name"],
        "[('city', '=', 'Gent')]",
    )
    assert tokens(admin_page.get(page_of(key))) == []
    assert not LogEntry.objects.filter(change_message__contains=token).exists()


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("addresses", "10.0.0.0/99", "A network looks like"),
        ("rate", "often", "is no rate"),
        ("overlap_days", "9" * 30, "Ensure this value is less than or equal to 366"),
        ("grants-0-read", "nome", "The mapping has no key “nome”"),
        ("grants-0-domain", "[('country_id.code', '=', 'BE')]", "leads to another record"),
        ("grants-0-domain", "[('country_id', '!=', 'Belgium')]", "has to be compared with ids"),
        ("grants-0-domain", "[('country_id', 'not ilike', 'belg')]", "has to be compared with ids"),
        ("grants-0-domain", "[('id', 'like', '1')]", "cannot be used with id"),
        ("grants-0-domain", "[('nofield', '=', 1)]", "nofield"),
        ("grants-0-domain", "nonsense", "list"),
        ("name", "shop", "of its own"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    admin_page: Client, sample: Sample, field: str, value: str, told: str
):
    form = form_of(admin_page.get(ADD)) | {"name": "erp", "grants-0-endpoint": str(sample.endpoint.pk)}
    answer = admin_page.post(ADD, form | {field: value}, follow=True)
    assert told in answer.content.decode()
    assert not AccessKey.objects.filter(endpoint=None).exists()


@pytest.mark.parametrize("field", ["password_hash", "token_digest", "old_secret"])
def test_a_list_does_not_tell_a_secret_letter_by_letter(client: Client, erp: AccessKey, field: str):
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename="view_accesskey"))
    client.force_login(looker)
    assert "erp" in said(client.get(LIST))
    for guess in ("s3", "x"):
        assert client.get(LIST, {f"{field}__startswith": guess}).status_code == 400
    assert client.get(LIST, {field: "s3cret"}).status_code == 400


def test_two_keys_of_the_same_name_are_refused(admin_page: Client, erp: AccessKey):
    form = form_of(admin_page.get(ADD)) | {"name": "erp", "grants-TOTAL_FORMS": "0"}
    assert "Another access key has this name" in admin_page.post(ADD, form).content.decode()


def test_a_new_token_beside_the_old_one_and_the_old_one_stopped(admin_page: Client, erp: AccessKey):
    [token] = tokens(press(admin_page, erp, "rotate"))
    erp.refresh_from_db()
    assert erp.token_digest in token_digests(token)
    assert erp.old_secret in token_digests("first")
    assert erp.old_until is not None
    assert abs(erp.old_until - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)
    press(admin_page, erp, "stop_old")
    erp.refresh_from_db()
    assert not erp.has_old_secret


def test_who_makes_a_third_token_is_told_that_the_first_one_stops(admin_page: Client, erp: AccessKey):
    url = reverse("admin:endpoints_accesskey_do", args=[erp.pk, "rotate"])
    assert "older one" not in said(admin_page.post(url))
    press(admin_page, erp, "rotate")
    assert "The older one, which would end" in said(admin_page.post(url))


def test_a_new_token_at_once_leaves_no_old_one(admin_page: Client, erp: AccessKey):
    assert len(tokens(press(admin_page, erp, "rotate_at_once"))) == 1
    erp.refresh_from_db()
    assert (erp.has_old_secret, erp.token_digest in token_digests("first")) == (False, False)


def test_a_key_is_revoked_and_allowed_again(admin_page: Client, erp: AccessKey):
    press(admin_page, erp, "revoke")
    assert not AccessKey.objects.get(pk=erp.pk).enabled
    press(admin_page, erp, "allow")
    assert AccessKey.objects.get(pk=erp.pk).enabled


def test_the_page_says_what_of_a_key_no_longer_fits_the_mapping(
    admin_page: Client, sample: Sample, erp: AccessKey
):
    erp.grants.update(endpoint=sample.endpoint, read=["customer_id", "name"])
    page = page_of(erp)
    assert "The mapping has no key" not in said(admin_page.get(page))
    sample.mapping.lines.filter(key="name").update(key="title")
    assert "At partners: The mapping has no key “name”. It has: customer_id, title, email." in said(
        admin_page.get(page)
    )


def test_saving_without_changes_keeps_token_and_grants(admin_page: Client, erp: AccessKey):
    answer = admin_page.post(page_of(erp), form_of(admin_page.get(page_of(erp))), follow=True)
    assert tokens(answer) == []
    assert AccessKey.objects.get(pk=erp.pk).token_digest in token_digests("first")
    assert erp.grants.count() == 1


def test_a_key_of_one_endpoint_opens_that_one_only(admin_page: Client, sample: Sample):
    key = sample.endpoint.keys.get()
    page = admin_page.get(page_of(key)).content.decode()
    assert "it opens that one and no other" in page
    other = Endpoint.objects.create(name="other", mapping=sample.mapping)
    form = form_of(admin_page.get(page_of(key))) | {
        "grants-0-endpoint": str(other.pk), "grants-TOTAL_FORMS": "2", "grants-1-endpoint": str(other.pk),
    }  # fmt: skip
    admin_page.post(page_of(key), form | {"grants-0-methods": ["GET"]}, follow=True)
    assert [(grant.endpoint.name, grant.methods) for grant in key.grants.all()] == [
        (sample.endpoint.name, ["GET"])
    ]


def test_keys_that_end_are_told_in_the_list_on_the_first_page_and_in_health(
    admin_page: Client, erp: AccessKey
):
    erp.expires_at = timezone.now() + timedelta(days=3)
    erp.save()
    late = AccessKey(name="late", expires_at=timezone.now() - timedelta(days=1))
    late.set_token("late")
    late.save()
    page = admin_page.get(LIST, {"stands": "soon"}).content.decode()
    assert "expires soon" in page
    assert ">late<" not in page
    assert admin_page.get("/healthz").json()["warnings"] == [
        "1 access key has expired.",
        "1 access key expires within 14 days.",
    ]
    first = admin_page.get(reverse("admin:index")).content.decode()
    assert page_of(erp) in first
    assert page_of(late) in first
