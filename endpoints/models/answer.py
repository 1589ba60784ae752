"""What was answered to a request that its consumer may repeat under the same idempotency key."""

import uuid

from django.db import models
from django.utils import timezone

from endpoints.models.endpoint import Endpoint


class KeptAnswer(models.Model):
    """One idempotency key of one access key. `records` is what the request made, as JSON; null while it is under way.

    In mirror mode it is written in the transaction that accepts the records, so that one is never there without the
    other. In live mode it is there before Odoo is asked: `busy_until` (the database's clock) says how long the request
    may take, and `handle` is what the new records are called by in Odoo, so that one can look for them there.
    """

    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.CASCADE, related_name="kept_answers", db_index=False
    )
    # Its id: others may have the same name.
    access_key = models.CharField(max_length=63, blank=True)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="of the request: another one is refused")
    handle = models.UUIDField(default=uuid.uuid4)
    records = models.TextField(null=True)  # noqa: DJ001  # NULL: not known yet
    busy_until = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "access_key", "key"], name="idempotency_key_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="kept_answer_age")]

    def __str__(self) -> str:
        return self.key
