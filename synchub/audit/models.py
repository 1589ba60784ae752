"""The audit log: one row for each request and its response, in either direction."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone


class Direction(models.TextChoices):
    IN = "in", "a consumer asked the hub"
    ODOO = "odoo", "the hub asked Odoo"


class Lacks(models.TextChoices):
    """What is missing in a request as it is kept, so that it cannot be sent again."""

    SECRETS = "secrets", "what looked like a secret is hidden"
    REST = "rest", "it is kept in part only"
    BODY = "body", "the body is not kept"


class Exchange(models.Model):
    """A request and its response. Values are plain copies: the row outlives what it is about."""

    direction = models.CharField(max_length=8, choices=Direction)
    at = models.DateTimeField(default=timezone.now)
    request_id = models.CharField(max_length=64, blank=True)
    endpoint = models.CharField(max_length=63, blank=True)
    connection = models.CharField(max_length=63, blank=True)
    access_key = models.CharField(
        max_length=63, blank=True, help_text="name of the access key, never the key"
    )
    key_id = models.BigIntegerField(null=True, blank=True)
    address = models.CharField(max_length=64, blank=True)
    method = models.CharField(max_length=128, help_text="POST, or the method called in Odoo")
    target = models.CharField(max_length=500, help_text="the path, or the model in Odoo")
    record = models.CharField(
        max_length=255, blank=True, help_text="the identifier, as the address or the answer has it"
    )
    headers = models.TextField(
        blank=True, help_text="those that matter to what is asked; never Authorization"
    )
    status = models.CharField(
        max_length=16,
        help_text="HTTP status, or ok / fault N / the kind of failure; accepted: not answered yet",
    )
    failed = models.BooleanField(default=False)
    records = models.PositiveIntegerField(null=True, blank=True)
    milliseconds = models.PositiveIntegerField(default=0)
    request_bytes = models.PositiveBigIntegerField(default=0)
    response_bytes = models.PositiveBigIntegerField(default=0)
    request = models.TextField(blank=True, help_text="the body, redacted and cut")
    lacks = models.CharField(max_length=8, choices=Lacks, blank=True)
    response = models.TextField(blank=True, help_text="the body, redacted and cut")
    replay_of = models.BigIntegerField(null=True, blank=True, help_text="the exchange that was sent again")
    replayed_by = models.CharField(
        max_length=150, blank=True, db_default="", help_text="who has sent it again from admin"
    )
    replayed_at = models.DateTimeField(null=True, blank=True, help_text="when it was itself sent again")
    sent_again_by = models.CharField(max_length=150, blank=True, db_default="")

    class Meta:
        ordering = ["-id"]
        permissions = [("replay_exchange", "Can send a request of the audit log again")]
        indexes = [
            # Rows come in the order of time, so that a few pages of it tell where old ones lie.
            BrinIndex(fields=["at"], name="exchange_at"),
            models.Index(
                fields=["request_id"], condition=~models.Q(request_id=""), name="exchange_request_id"
            ),
            models.Index(fields=["endpoint", "-id"], name="exchange_endpoint"),
            models.Index(
                fields=["access_key", "-id"], condition=~models.Q(access_key=""), name="exchange_access_key"
            ),
            models.Index(fields=["record"], condition=~models.Q(record=""), name="exchange_record"),
            models.Index(fields=["-id"], condition=models.Q(failed=True), name="exchange_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.target} → {self.status}"
