"""Everything is paused: a single row that is there while it is so."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from synchub import moments


class Standstill(models.Model):
    """While its row exists, no endpoint is pushed or pulled; writes are accepted and kept."""

    paused_at = models.DateTimeField(default=timezone.now)
    paused_by = models.CharField(max_length=150, blank=True)
    paused_reason = models.TextField(blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_standstill")]

    def __str__(self) -> str:
        return f"everything, since {moments.at(self.paused_at)}"
