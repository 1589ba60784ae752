"""One number that rises with every change of the configuration."""

import uuid

from django.db import models, transaction
from django.db.models import F, Q

from synchub.redis_client import RedisAway, redis_if_there

STAMP = "hub:configuration"
"""The key in Redis of a stamp that changes with each change of the configuration."""


class ConfigVersion(models.Model):
    """A single row whose number rises with every change of the configuration.

    Processes keep compiled endpoints in memory, and check here once a second whether they are current, or sooner if the stamp
    in Redis has changed.
    """

    version = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_config_version")]

    def __str__(self) -> str:
        return f"configuration {self.version}"

    @classmethod
    def current(cls) -> int:
        return cls.objects.filter(pk=1).values_list("version", flat=True).first() or 0

    @classmethod
    def bump(cls) -> None:
        if not cls.objects.filter(pk=1).update(version=F("version") + 1):
            cls.objects.get_or_create(pk=1, defaults={"version": 1})
        transaction.on_commit(_announce, robust=True)


def _announce() -> None:
    try:
        with redis_if_there() as client:
            client.set(STAMP, uuid.uuid4().hex)
    except RedisAway:
        pass  # the change is noticed within a second
