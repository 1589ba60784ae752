"""Background work as a person sees it, and where each endpoint's pull stands."""

from django.db import models
from django.utils import timezone

from endpoints.models.endpoint import Endpoint
from mappings.models import Connection
from synchub import moments


class RunKind(models.TextChoices):
    PULL = "pull", "pull"
    BACKFILL = "backfill", "first pull of everything"
    REREAD = "reread", "reading everything again"
    PUSH = "push", "push"
    SWEEP = "sweep", "search for deletions"
    AUDIT = "audit", "comparison with Odoo"
    HEAL = "heal", "healing of differences"
    SCHEMA = "schema", "reading of models and fields"
    MATCH = "match", "search for what Odoo has already"
    UNDO = "undo", "undoing of a push"
    REMOVAL = "removal", "deleting of an endpoint"


ASKED = (RunKind.MATCH, RunKind.UNDO, RunKind.AUDIT, RunKind.HEAL, RunKind.REREAD, RunKind.REMOVAL)
"""Kinds that a person, or the night, asks for: they wait for a worker, and are taken up again where they were cut short."""


class RunState(models.TextChoices):
    QUEUED = "queued", "waiting for a worker"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    INTERRUPTED = "interrupted", "interrupted"


class Run(models.Model):
    """One background job, of an endpoint or of a connection. Counts grow while it runs; `beat_at` tells that it still
    does."""

    kind = models.CharField(max_length=10, choices=RunKind)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, null=True, related_name="runs")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, null=True, related_name="runs")
    state = models.CharField(max_length=12, choices=RunState, default=RunState.RUNNING)
    total = models.PositiveIntegerField(null=True, help_text="how many records it expects to see")
    seen = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    beat_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="how often a worker has begun with it")
    asked_by = models.CharField(max_length=150, blank=True)
    details = models.JSONField(default=dict, help_text="what was asked for, and how far it is")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(endpoint=None, connection__isnull=False)
                | models.Q(endpoint__isnull=False, connection=None),
                name="run_of_one",
            )
        ]
        indexes = [
            models.Index(fields=["state"], condition=models.Q(state="running"), name="run_running"),
            models.Index(fields=["id"], condition=models.Q(state="queued"), name="run_queued"),
            models.Index(fields=["started_at"], name="run_started"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.about} at {moments.at(self.started_at)}"

    @property
    def about(self) -> Endpoint | Connection | str | None:
        """Whose run it is. An endpoint that is being deleted is known by the name it had."""
        if self.kind == RunKind.REMOVAL:
            return str(self.details.get("name"))
        return self.endpoint or self.connection


class PullState(models.Model):
    """Where an endpoint's pull stands. Written together with the page it is about.

    `cursor` is the `write_date` from which the next walk reads; empty means everything. `sightings` are pairs
    [seconds since 1970 by the hub's database, newest write_date in Odoo then]: see `synchub.sync.cursor`.
    `walk_*` describe a walk under way, so that one that was cut short goes on where it was.
    """

    endpoint = models.OneToOneField(Endpoint, on_delete=models.CASCADE, related_name="pull_state")
    cursor = models.CharField(max_length=19, blank=True)
    sightings = models.JSONField(default=list)
    walk_after_id = models.IntegerField(null=True)
    walk_started_at = models.DateTimeField(null=True)
    domain_at = models.DateTimeField(
        null=True, help_text="when the last finished walk made dates of the domain's relative ones"
    )
    mapping_version = models.CharField(
        max_length=64, blank=True, help_text="what the documents were made with"
    )
    complete = models.BooleanField(default=False, help_text="everything has been fetched once")
    next_at = models.DateTimeField(default=timezone.now)
    deletions_next_at = models.DateTimeField(default=timezone.now)
    deletions_confirmed = models.BooleanField(
        default=False, help_text="the next sweep may remove however many"
    )
    audit_next_at = models.DateTimeField(null=True, help_text="when the mirror is next compared with Odoo")
    newest = models.CharField(
        max_length=19,
        blank=True,
        db_default="",
        help_text="the newest write_date in Odoo when it was last asked",
    )
    went_back = models.TextField(
        blank=True, db_default="", help_text="Odoo has older records than it had: from a backup, say"
    )
    last_ok_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    feed_floor = models.BigIntegerField(
        default=0, help_text="the last transaction whose deletions are no longer known to the change feed"
    )

    def __str__(self) -> str:
        return f"pull of {self.endpoint}"
