"""Access keys in the file: those of an endpoint, and those that open several."""

from datetime import timedelta

import pytest
from django.utils import timezone

from endpoints.models import AccessKey
from endpoints.models.access import token_digests
from tests.configfile.conftest import FILE, changed

OWN = FILE.replace(
    "{name: shop, token: t0ken-of-the-shop}",
    "{name: shop, token: t0ken-of-the-shop, expires: 2030-01-31, rate: 5000/hour, addresses: [203.0.113.0/24], "
    "methods: [PUT, GET], read: [customer_id, name], write: [name], domain: \"[('ref', '!=', False)]\"}",
)
SHARED = (
    FILE
    + """\
  - name: clients
    mapping: partner
access_keys:
  - name: erp
    token: t0ken-of-the-erp
    rate: none
    overlap_days: 7
    endpoints:
      - partners
      - {endpoint: clients, methods: [GET], domain: "[('name', 'ilike', 'a')]"}
"""
)


def test_a_key_of_an_endpoint_with_all_that_restricts_it(file):
    file.apply(OWN)
    key = AccessKey.objects.get()
    assert f"{key.expires_at:%Y-%m-%d %H:%M %Z}" == "2030-01-31 00:00 UTC"
    assert (key.rate, key.addresses) == ("5000/hour", ["203.0.113.0/24"])
    grant = key.grants.get()
    assert (grant.endpoint.name, grant.methods, grant.read, grant.write) == (
        "partners", ["GET", "PUT"], ["customer_id", "name"], ["name"],
    )  # fmt: skip
    assert file.apply() == ["Nothing to change."]
    assert file.apply(FILE) == [
        "~ endpoint partners: access key shop: expires 2030-01-31T00:00:00Z → none",
        "~ endpoint partners: access key shop: rate 5000/hour → none",
        "~ endpoint partners: access key shop: addresses 203.0.113.0/24 → none",
        "~ endpoint partners: access key shop: methods GET, PUT → none",
        "~ endpoint partners: access key shop: read customer_id, name → none",
        "~ endpoint partners: access key shop: write name → none",
        "~ endpoint partners: access key shop: domain [('ref', '!=', False)] → []",
    ]
    grant.refresh_from_db()
    assert (grant.methods, grant.read, grant.domain) == ([], [], "[]")


def test_a_key_for_several_endpoints(file):
    assert file.apply(SHARED)[-1] == "+ access key erp"
    key = AccessKey.objects.get(endpoint=None)
    assert [grant.endpoint.name for grant in key.grants.all()] == ["clients", "partners"]
    assert file.apply() == ["Nothing to change."]
    assert file.apply(SHARED.replace("      - partners\n", "").replace("methods: [GET], ", "")) == [
        "~ access key erp: at clients: methods GET → none",
        "~ access key erp: no longer opens partners",
    ]
    assert [grant.endpoint.name for grant in key.grants.all()] == ["clients"]
    assert file.apply(SHARED[: SHARED.index("access_keys")]) == ["Nothing to change."]
    assert file.apply("access_keys: []\n") == ["- access key erp"]
    assert AccessKey.objects.get().name == "shop"


@pytest.mark.parametrize("text", [OWN, SHARED])
def test_what_is_exported_changes_nothing(file, text):
    file.apply(text)
    assert file.apply(file.export())[-1] == "Nothing to change."


def test_a_changed_token_overlaps_where_the_key_says_so(file):
    file.apply(SHARED)
    assert file.apply(SHARED.replace("t0ken-of-the-erp", "another-0ne")) == [
        "~ access key erp: token changed"
    ]
    key = AccessKey.objects.get(endpoint=None)
    assert key.token_digest in token_digests("another-0ne")
    assert key.old_until is not None
    assert key.old_secret in token_digests("t0ken-of-the-erp")
    assert 6 < (key.old_until - timezone.now()).total_seconds() / 86400 <= 7


def test_what_is_wrong_with_keys_is_said_where_it_stands(file):
    said = file.refused(
        SHARED.replace("- partners\n", "- partnerz\n")
        .replace("rate: none", "rate: often")
        .replace("{name: shop,", "{name: shop, expires: soon, read: [nome], addresses: [10.0.0.0/99],")
    )
    assert any("keys[0].expires: a date is expected, like 2027-01-31" in line for line in said)
    assert any("there is no endpoint “partnerz” (did you mean “partners”?)" in line for line in said)
    assert any("“often” is no rate" in line for line in said)
    said = file.refused(SHARED.replace("{name: shop,", "{name: shop, read: [nome],"))
    assert said == [
        "hub.yaml:19: endpoints[0].keys[0].read: The mapping has no key “nome”. It has: customer_id, name, email."
    ]
    said = file.refused(SHARED.replace("{name: shop,", "{name: shop, addresses: [10.0.0.0/99],"))
    assert "A network looks like 203.0.113.0/24" in said[0]
    said = file.refused(SHARED.replace("'ilike'", "'child_of'"))
    assert said == [
        "hub.yaml:29: access_keys[0].endpoints[1].domain: “child_of” cannot be used for the rows of an access key."
    ]
    said = file.refused(SHARED.replace("name: erp", "name: shop"))
    assert said[0] == (
        "hub.yaml:23: access_keys[0].name: endpoint “partners” has an access key “shop” of its own"
    )


@pytest.mark.parametrize("enabled", ["", "enabled: true, "])
def test_a_revoked_key_stays_revoked_until_it_has_another_secret_or_a_person_allows_it(file, enabled: str):
    text = SHARED.replace("{name: shop,", f"{{name: shop, overlap_days: 7, {enabled}")
    file.apply(text)
    AccessKey.objects.update(enabled=False)
    assert file.apply() == ["Nothing to change."]
    assert not AccessKey.objects.filter(enabled=True).exists()
    assert (
        "access key “shop” was revoked, and stays so with the same token: give it another token"
        in file.warnings
    )
    assert "access key “erp” was revoked" in file.warnings
    assert file.apply(text.replace("t0ken-of-the-shop", "another-0ne")) == [
        "~ endpoint partners: access key shop: token changed",
        "~ endpoint partners: access key shop: enabled false → true",
    ]
    key = AccessKey.objects.get(enabled=True)
    assert (key.name, key.has_old_secret) == ("shop", False)
    AccessKey.objects.update(enabled=True)
    assert file.apply() == ["Nothing to change."]
    assert "revoked" not in file.warnings


def revoked(made_anew: str = "", overlap_days: int = 0) -> AccessKey:
    """As admin's buttons do it: another token first, perhaps."""
    key = AccessKey.objects.get()
    if made_anew:
        key.set_token(made_anew, overlap=timedelta(days=overlap_days))
        key.save()
    key.enabled = False
    key.save()
    return key


@pytest.mark.parametrize("overlap_days", [0, 7])
def test_a_token_that_a_revoked_key_had_before_is_not_allowed_by_the_file_that_still_has_it(
    applied, overlap_days: int
):
    key = revoked("another-0ne", overlap_days)
    for _ in range(2):
        assert applied.apply() == ["Nothing to change."]
        assert (
            "the token that access key “shop” has here was revoked: the key keeps the token that the hub has of it, and stays "
            "revoked. Give it another token"
        ) in applied.warnings
        key.refresh_from_db()
        assert (key.enabled, key.token_digest in token_digests("another-0ne")) == (False, True)
    key.forget_old_secret()
    key.enabled = True
    key.save()
    assert applied.apply() == ["Nothing to change."]
    key.refresh_from_db()
    assert (key.enabled, key.token_digest in token_digests("another-0ne")) == (True, True)
    assert applied.apply(changed("t0ken-of-the-shop", "a-th1rd-one"))[0].endswith("token changed")
    assert AccessKey.objects.get().enabled


@pytest.mark.parametrize("was", ["- name: partners", "name: shop"])
def test_a_revoked_token_is_not_allowed_under_another_name(applied, was: str):
    revoked()
    for name in ("another", "a-third"):
        text = changed(was, was.replace("shop", name).replace("partners", name))
        applied.apply(text)
        key = AccessKey.objects.get()
        assert not key.enabled
        assert f"access key “{key.name}” was revoked, and stays so with the same token" in applied.warnings
        # Nor once its row was gone for a while.
        applied.apply("endpoints: []\n")
    applied.apply(text)
    key = AccessKey.objects.get()
    assert not key.enabled
    key.enabled = True
    key.save()
    assert applied.apply() == ["Nothing to change."]
    assert (AccessKey.objects.get().enabled, "revoked" in applied.warnings) == (True, False)
    applied.apply(FILE)  # a person has allowed this token since
    assert (AccessKey.objects.get().enabled, "revoked" in applied.warnings) == (True, False)


def test_a_file_that_is_rolled_back_brings_no_revoked_token_back(applied):
    revoked()
    applied.apply(changed("t0ken-of-the-shop", "another-0ne"))
    assert AccessKey.objects.get().enabled
    assert applied.apply(FILE) == ["Nothing to change."]
    assert "was revoked: the key keeps the token that the hub has of it. Give it" in applied.warnings
    key = AccessKey.objects.get()
    assert (key.enabled, key.token_digest in token_digests("another-0ne")) == (True, True)


def test_a_file_that_is_rolled_back_has_its_token_back_where_that_was_not_revoked(applied):
    applied.apply(changed("t0ken-of-the-shop", "another-0ne"))
    assert applied.apply(FILE) == ["~ endpoint partners: access key shop: token changed"]
    assert "revoked" not in applied.warnings
    assert AccessKey.objects.get().enabled


def test_a_revoked_password_is_not_allowed_under_another_name(file):
    basic = changed("token: t0ken-of-the-shop", "login: shop, password: s3cret").replace(
        "    mapping: partner\n", "    mapping: partner\n    auth: basic\n"
    )
    file.apply(basic)
    revoked()
    file.apply(basic.replace("name: shop", "name: other"))
    assert not AccessKey.objects.get(name="other").enabled
    assert "access key “other” was revoked, and stays so with the same password" in file.warnings
    file.apply(basic.replace("s3cret}", "an0ther}"))
    assert AccessKey.objects.get().enabled
    assert file.apply(basic) == ["Nothing to change."]
    assert "the password that access key “shop” has here was revoked" in file.warnings
