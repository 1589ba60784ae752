"""Saving access keys and what they open."""

from datetime import timedelta

from django.utils.dateparse import parse_datetime

from endpoints.configfile.blame import is_valid
from endpoints.configfile.items import GrantItem, KeyItem, Text
from endpoints.configfile.places import Findings
from endpoints.configfile.plan_keys import secret_fits
from endpoints.models import AccessGrant, AccessKey, Endpoint


def save_keys(endpoint: Endpoint, items: tuple[KeyItem, ...], findings: Findings) -> None:
    rows = {key.name: key for key in endpoint.keys.all()}
    endpoint.keys.exclude(name__in=[item.name for item in items]).delete()
    for item in items:
        row = rows.get(item.name) or AccessKey(endpoint=endpoint, name=item.name)
        if _save(row, item, findings):
            _save_grants(
                row, {endpoint.name: endpoint}, [(endpoint.name, grant) for grant in item.opens], findings
            )


def save_shared_key(item: KeyItem, findings: Findings) -> None:
    row = AccessKey.objects.filter(name=item.name, endpoint=None).first() or AccessKey(name=item.name)
    if _save(row, item, findings):
        endpoints = Endpoint.objects.in_bulk([grant.endpoint for grant in item.opens], field_name="name")
        _save_grants(row, endpoints, [(grant.endpoint, grant) for grant in item.opens], findings)


def _save(row: AccessKey, item: KeyItem, findings: Findings) -> bool:
    was_revoked = not row.enabled
    row.enabled, row.rate, row.addresses = item.enabled, item.rate, list(item.addresses)
    row.expires_at = parse_datetime(item.expires) if item.expires else None
    row.overlap_days = item.overlap_days
    _put_secret(row, item)
    if was_revoked:
        row.forget_old_secret()  # the revoked secret must not open anything again
    good = is_valid(row, item.node, findings)
    if good:
        row.save()
    return good


def _save_grants(
    key: AccessKey, endpoints: dict[str, Endpoint], items: list[tuple[str, GrantItem]], findings: Findings
) -> None:
    key.grants.exclude(endpoint__in=[endpoints[name] for name, _ in items if name in endpoints]).delete()
    rows = {grant.endpoint_id: grant for grant in key.grants.all()}
    for name, item in items:
        if name not in endpoints:
            continue  # could not be saved, which is noted
        endpoint = endpoints[name]
        row = rows.get(endpoint.pk) or AccessGrant(key=key, endpoint=endpoint)
        row.endpoint = endpoint
        row.methods, row.read, row.write = list(item.methods), list(item.read), list(item.write)
        row.domain = item.domain
        if is_valid(row, item.node, findings):
            row.save()


def _put_secret(row: AccessKey, item: KeyItem) -> None:
    """A new digest is only made for another token or password: a second hash of the same one would differ."""
    value, overlap = item.secret.value, timedelta(days=item.overlap_days)
    stored = KeyItem(
        name=row.name,
        login=Text(row.login) if row.login else None,
        secret=item.secret,
        stored=row.password_hash if row.login else row.token_digest,
    )
    same_kind = (stored.login is None) == (item.login is None)
    if item.login is None:
        if value and not (same_kind and secret_fits(stored, value)):
            row.set_token(value, overlap=overlap)
    else:
        login = item.login.value or row.login
        if value and not (same_kind and secret_fits(stored, value)):
            row.set_password(login, value, overlap=overlap)
        row.login = login
    if value:
        row.secret_env = item.secret.env
