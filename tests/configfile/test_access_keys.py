"""Access keys in the file: those of an endpoint, and those that open several."""

import pytest
from django.utils import timezone

from endpoints.models import AccessKey
from endpoints.models.access import token_digests
from tests.configfile.conftest import FILE

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
