"""The audit log: one row for each request and its response, in either direction."""

from django.db import models
from django.utils import timezone


class Direction(models.TextChoices):
    IN = "in", "a consumer asked the hub"
    ODOO = "odoo", "the hub asked Odoo"


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
    address = models.CharField(max_length=64, blank=True)
    method = models.CharField(max_length=128, help_text="POST, or the method called in Odoo")
    target = models.CharField(max_length=500, help_text="the path, or the model in Odoo")
    status = models.CharField(max_length=16, help_text="HTTP status, or ok / fault N / the kind of failure")
    failed = models.BooleanField(default=False)
    records = models.PositiveIntegerField(null=True, blank=True)
    milliseconds = models.PositiveIntegerField(default=0)
    request_bytes = models.PositiveBigIntegerField(default=0)
    response_bytes = models.PositiveBigIntegerField(default=0)
    request = models.TextField(blank=True, help_text="the body, redacted and cut")
    response = models.TextField(blank=True, help_text="the body, redacted and cut")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["at"]),
            models.Index(
                fields=["request_id"], condition=~models.Q(request_id=""), name="exchange_request_id"
            ),
            models.Index(fields=["endpoint", "-id"], name="exchange_endpoint"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.target} → {self.status}"
