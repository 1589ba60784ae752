"""The outbox: accepted writes on their way to Odoo."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from endpoints.models.endpoint import Endpoint
from endpoints.models.record import Record
from synchub.jsontext import KeptJson


class Operation(models.TextChoices):
    CREATE = "create", "create"
    UPDATE = "update", "change"
    DELETE = "delete", "delete"
    RESTORE = "restore", "take out of the archive"
    ACTION = "action", "action"


class ChangeState(models.TextChoices):
    PENDING = "pending", "waiting"
    CLAIMED = "claimed", "on its way"
    APPLIED = "applied", "in Odoo"
    FAILED = "failed", "refused"
    DISCARDED = "discarded", "discarded"


OPEN = (ChangeState.PENDING, ChangeState.CLAIMED)


class Change(models.Model):
    """One accepted write. `values` are Odoo's fields in wire shape; empty for a delete.

    The row is the truth: a worker owns it while `claim_token` is its own and `lease_until` (the database's clock)
    has not passed. `sent` is set before the first byte leaves, so that whoever takes over after a crash knows
    that the outcome may be unknown. `base` also notes what the record showed of its lines (`seen_lines`) and, once it is applied, which
    fields gave way (`outbox.GAVE_WAY`).
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="changes", db_index=False)
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="changes", db_index=False)
    operation = models.CharField(max_length=8, choices=Operation)
    values = models.JSONField(decoder=KeptJson, default=dict)
    base = models.JSONField(
        decoder=KeptJson, null=True, help_text="what Odoo had of these fields when the consumer wrote"
    )
    request = models.JSONField(
        decoder=KeptJson, null=True, help_text="the request, where a script needs it when it is pushed"
    )
    fragments = models.JSONField(
        decoder=KeptJson, default=dict, help_text="relations as they were sent, shown until Odoo answers"
    )
    bulk = models.BooleanField(
        default=False, help_text="one of many that came at once: single writes go before it"
    )
    state = models.CharField(max_length=10, choices=ChangeState, default=ChangeState.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    waits_for = models.BigIntegerField(
        null=True, help_text="the record that has to be in Odoo first, since this one names it"
    )
    claim_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    sent = models.BooleanField(default=False, help_text="a send was begun whose outcome is not known")
    error = models.TextField(blank=True)
    line_id = models.BigIntegerField(null=True, help_text="the line of the mapping that the error is about")
    code = models.CharField(
        max_length=20,
        blank=True,
        db_default="",
        help_text="why it was refused, as the API tells it: REQUIRED, ODOO",
    )
    request_id = models.CharField(max_length=64, blank=True)
    access_key = models.CharField(max_length=63, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)
    settled_in = models.BigIntegerField(null=True, help_text="the push run that settled it last")
    undoes = models.BigIntegerField(null=True, help_text="the undo run that made it: it gives way to Odoo")
    on_delete = models.CharField(
        max_length=8,
        blank=True,
        db_default="",
        help_text="of an undo: archive or unlink, whatever the endpoint does",
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["endpoint", "bulk", "id"], condition=Q(state="pending"), name="change_pending"
            ),
            models.Index(
                fields=["record", "id"], condition=Q(state__in=["pending", "claimed"]), name="change_open"
            ),
            models.Index(
                fields=["endpoint"],
                condition=Q(state__in=["pending", "claimed"], sent=True),
                name="change_sent",
            ),
            models.Index(fields=["lease_until"], condition=Q(state="claimed"), name="change_claimed"),
            models.Index(fields=["claim_token"], condition=Q(state="claimed"), name="change_token"),
            models.Index(fields=["endpoint", "id"], condition=Q(state="failed"), name="change_failed"),
            models.Index(fields=["record"], name="change_record"),
            models.Index(
                fields=["settled_in"], condition=Q(state__in=["failed", "pending"]), name="change_settled_in"
            ),
            models.Index(fields=["undoes"], condition=Q(undoes__isnull=False), name="change_undoes"),
            models.Index(fields=["waits_for"], condition=Q(waits_for__isnull=False), name="change_waiting"),
            models.Index(
                fields=["settled_at"], condition=Q(state__in=["applied", "discarded"]), name="change_done"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="claimed", claim_token__isnull=False, lease_until__isnull=False)
                | (~Q(state="claimed") & Q(claim_token=None, lease_until=None)),
                name="claimed_has_token",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_operation_display()} {self.record} ({self.get_state_display()})"
