"""One number that rises with every change of the configuration."""

from django.db import models
from django.db.models import F, Q


class ConfigVersion(models.Model):
    """A single row whose number rises with every change of the configuration.

    Processes keep compiled endpoints in memory and look here, at most once a second, whether they are current.
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
