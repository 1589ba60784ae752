"""Tokens and passwords that were revoked, whatever has become of their access keys since.

Whoever revokes a key may do so because others know its secret, or one that it had before: neither is to open anything again
because a configuration file still has it, be it under another name.
"""

from typing import Any

from django.contrib.auth.hashers import check_password
from django.db.models import Q
from django.db.models.signals import pre_delete, pre_save

from endpoints.models import AccessKey, PastSecret
from endpoints.models.access import token_digests


def was_revoked(login: str, value: str) -> bool:
    """Whether this password of the login, or this token where there is none, is or was one of a key that is or was revoked."""
    keys = AccessKey.objects.filter(enabled=False, login=login)
    past = PastSecret.objects.filter(Q(revoked=True) | Q(key__enabled=False), login=login)
    if not login:
        digests = token_digests(value)
        of_keys = keys.filter(Q(token_digest__in=digests) | Q(old_secret__in=digests))
        return of_keys.exists() or past.filter(secret__in=digests).exists()
    # A hash is slow, and can only be compared by being made: hence those of the same login alone.
    hashes = {one for pair in keys.values_list("password_hash", "old_secret") for one in pair if one}
    return any(check_password(value, one) for one in hashes | set(past.values_list("secret", flat=True)))


def connect() -> None:
    pre_save.connect(_saved, sender=AccessKey, dispatch_uid="secrets-of-the-past")
    pre_delete.connect(_deleted, sender=AccessKey, dispatch_uid="secrets-of-the-past")


def _saved(instance: AccessKey, **_: Any) -> None:
    before = AccessKey.objects.filter(pk=instance.pk).first() if instance.pk else None
    if before is None:
        return
    present = {instance.token_digest, instance.password_hash}
    # One that overlaps is given up with the key: to allow the key again is about the one that it has.
    stays = present | {instance.old_secret} if instance.enabled else present
    noted = set(before.past_secrets.values_list("secret", flat=True))
    for secret in _secrets(before) - stays - noted:
        before.past_secrets.create(login=before.login, secret=secret)
    if not (before.enabled and instance.enabled):
        before.past_secrets.update(revoked=True)
    if instance.enabled and not before.enabled:  # a person has allowed it again
        PastSecret.objects.filter(login=instance.login, secret__in=present - {""}).delete()


def _deleted(instance: AccessKey, **_: Any) -> None:
    if instance.enabled:
        instance.past_secrets.filter(revoked=False).delete()
        return
    instance.past_secrets.update(revoked=True)
    for secret in _secrets(instance):
        PastSecret.objects.create(login=instance.login, secret=secret, revoked=True)


def _secrets(key: AccessKey) -> set[str]:
    return {key.token_digest, key.password_hash, key.old_secret} - {""}
