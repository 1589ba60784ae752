"""The mirror: the hub's copies of Odoo's records."""

import uuid

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.deconstruct import deconstructible

from endpoints.models.endpoint import Endpoint
from synchub.jsontext import KeptJson

EXTERNAL_ID_ONCE = "external_id_once"
RELATIONS = "$relations"
"""Beside the fields in a record's `base`: its fragments as Odoo has them. No field is called so."""


class SyncState(models.TextChoices):
    SYNCED = "synced", "the same on both sides"
    PENDING = "pending", "waiting to reach Odoo"
    FAILED = "failed", "Odoo refused a change"
    CONFLICT = "conflict", "a person has to decide"


@deconstructible(path="endpoints.models.record.ThisTransaction")
class ThisTransaction(models.Func):
    """The number of the transaction that writes; they grow for ever."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()


class Record(models.Model):
    """One record, in external shape.

    `document` is the answer's JSON text, keys in the mapping's order, served as it stands. `values` holds the
    same by Odoo field, including writes still on their way; filters and ordering look there. `base` is what
    Odoo had when both sides last agreed; a write sends only what differs from it. Its relations stand there too (`RELATIONS`).
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="records", db_index=False)
    handle = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    external_id = models.CharField(max_length=255, null=True)  # noqa: DJ001  # NULL: not (yet) named from outside
    odoo_id = models.IntegerField(null=True)
    document = models.TextField()
    values = models.JSONField(decoder=KeptJson)
    base = models.JSONField(decoder=KeptJson, null=True)
    fragments = models.JSONField(
        decoder=KeptJson, default=dict, help_text="by key: JSON of what is not one field (relations)"
    )
    write_date = models.CharField(
        max_length=19, blank=True, help_text="Odoo's own, as it came: UTC, to the second"
    )
    create_date = models.CharField(
        max_length=19,
        blank=True,
        db_default="",
        help_text="Odoo's own: another one under the same id is another record, as after a backup was restored",
    )
    state = models.CharField(max_length=8, choices=SyncState, default=SyncState.SYNCED)
    problem = models.TextField(blank=True)
    digest = models.CharField(
        max_length=32, blank=True, help_text="of Odoo's values and the spec they were read with"
    )
    version = models.PositiveIntegerField(default=1)
    deleted_at = models.DateTimeField(null=True)
    # In which of PostgreSQL's transactions the record came into sight, and was last changed. Kept by triggers, see
    # `endpoints.feed`.
    created_in = models.BigIntegerField(db_default=ThisTransaction(), editable=False)
    changed_in = models.BigIntegerField(db_default=ThisTransaction(), editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "external_id"], condition=Q(deleted_at=None), name=EXTERNAL_ID_ONCE
            ),
            models.UniqueConstraint(fields=["endpoint", "odoo_id"], name="odoo_id_once"),
        ]
        indexes = [
            # Lists walk this index; counting needs nothing but it.
            models.Index(fields=["endpoint", "id"], condition=Q(deleted_at=None), name="record_list"),
            models.Index(
                fields=["endpoint", "state"], condition=~Q(state=SyncState.SYNCED), name="record_not_synced"
            ),
            # Whether a name is free that something deleted here still has in Odoo is asked of each new record.
            models.Index(
                fields=["endpoint", "external_id"],
                condition=~Q(deleted_at=None) & ~Q(state=SyncState.SYNCED),
                name="record_deleted",
            ),
            models.Index(fields=["endpoint", "changed_in", "id"], name="record_feed"),
            GinIndex(
                fields=["values"],
                opclasses=["jsonb_path_ops"],
                name="record_values",
                gin_pending_list_limit=64,  # kB: each filter reads what is pending from end to end
            ),
        ]

    def __str__(self) -> str:
        return self.external_id or (f"Odoo id {self.odoo_id}" if self.odoo_id else f"~{self.handle}")
