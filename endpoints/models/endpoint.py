"""A REST resource over a mapping."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from endpoints import cron, rates
from endpoints.models import endpoint_checks
from endpoints.models.choices import Auth, Method, Mode, OnDelete
from mappings import names
from mappings.models import Conflicts, Mapping


def all_methods() -> list[str]:
    return list(Method.values)


class _There(models.Manager["Endpoint"]):
    def get_queryset(self) -> models.QuerySet["Endpoint"]:
        return super().get_queryset().filter(removed_at=None)


class Endpoint(models.Model):
    """What `/bj_api_sync/v1/<name>` answers. One that is being deleted is known to `_base_manager` alone: see `endpoints.removing`."""

    name = models.CharField(max_length=63, unique=True, help_text=names.NAME_HELP)
    mapping = models.ForeignKey(Mapping, on_delete=models.PROTECT, related_name="endpoints")
    enabled = models.BooleanField(default=True)
    mode = models.CharField(max_length=16, choices=Mode, default=Mode.MIRROR)
    methods = ArrayField(models.CharField(max_length=8, choices=Method), default=all_methods)
    auth = models.CharField("authentication", max_length=8, choices=Auth, default=Auth.BEARER)
    domain = models.TextField(
        default="[]",
        blank=True,
        help_text="Which records of Odoo it covers: [('customer_rank', '>', 0)]. A date may be relative: "
        "'today - 7 days', 'now - 2 hours', 'start of month'.",
    )
    limit = models.PositiveIntegerField(
        "page size",
        default=100,
        validators=[MinValueValidator(1)],
        help_text="Used where a request names none.",
    )
    pull_every = models.PositiveIntegerField(
        "seconds between pulls",
        null=True,
        blank=True,
        default=60,
        validators=[MinValueValidator(5)],
        help_text="How often Odoo's changes are fetched. Empty: only when somebody asks, or at the times beside.",
    )
    pull_cron = models.CharField(
        "pull at",
        max_length=100,
        blank=True,
        help_text="Times instead, on the clock of the connection's time zone: minute, hour, day of the month, month, day "
        "of the week. Every weekday at six: 0 6 * * 1-5.",
    )
    rate_per_address = models.CharField(  # noqa: DJ001  # NULL: no limit
        max_length=32, null=True, blank=True, default="100/minute", help_text="100/minute; empty: no limit."
    )  # fmt: skip
    rate_per_key = models.CharField(  # noqa: DJ001  # NULL: no limit
        max_length=32, null=True, blank=True, default="1000/hour", help_text="1000/hour; empty: no limit."
    )
    on_delete = models.CharField(max_length=8, choices=OnDelete, default=OnDelete.ARCHIVE)
    conflicts = models.CharField(max_length=8, choices=Conflicts, default=Conflicts.ODOO)
    match_on = ArrayField(
        models.CharField(max_length=400),
        default=list,
        blank=True,
        verbose_name="first matched with Odoo by",
        help_text="Before anything is pushed, new records are matched with those that Odoo has: by keys of the mapping, like "
        "email, or name + zip. A person approves what is found. Empty: only the identifier is looked for.",
    )
    matched_at = models.DateTimeField(null=True, editable=False)
    chatter = models.BooleanField(
        "write Odoo's chatter",
        default=False,
        help_text="Log each change in Odoo's own history. Writing is then slower.",
    )
    paused = models.BooleanField(
        default=False, help_text="Nothing is pushed or pulled; writes are still accepted and kept."
    )
    paused_at = models.DateTimeField(null=True, editable=False)
    paused_by = models.CharField(max_length=150, blank=True, editable=False)
    paused_reason = models.TextField(blank=True, editable=False)

    require_if_match = models.BooleanField(
        "changes need If-Match",
        default=False,
        help_text="PUT and DELETE are refused (428) unless they say which state of the record they are about.",
    )
    put_creates = models.BooleanField(
        "PUT creates",
        default=False,
        help_text="A PUT to an identifier that no record has creates it. Otherwise it is 404.",
    )
    post_updates = models.BooleanField(
        "POST updates",
        default=False,
        help_text="A POST of an identifier that a record has changes that record. Otherwise it is 409.",
    )

    removed_at = models.DateTimeField(null=True, editable=False)

    objects = _There()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=names.NAME),
                name="endpoint_name_valid",
                violation_error_message=names.NAME_HELP,
            ),
            models.CheckConstraint(condition=Q(limit__gte=1), name="endpoint_limit_positive"),
        ]

    def __str__(self) -> str:
        if self.__dict__.get("removed_at"):  # not asked for where a list has left it out
            return f"{self.name} (its records are still being removed: see Runs)"
        return self.name

    @property
    def path(self) -> str:
        return f"/{settings.API_BASE_PATH}/{self.name}"

    def clean(self) -> None:
        errors: dict[str, Any] = {}
        if not names.matches(names.NAME, self.name):
            errors["name"] = f"A name has {names.NAME_HELP}."
        if not self.methods:
            errors["methods"] = "Choose at least one method."
        if self.limit and self.limit > settings.API_MAX_LIMIT:
            errors["limit"] = f"A page has {settings.API_MAX_LIMIT} records at most."
        if self.mapping_id:
            errors |= endpoint_checks.mapping_problems(self)
        problem = endpoint_checks.match_problem(self)
        if problem:
            errors["match_on"] = problem
        if self.pull_cron:
            problem = cron.problem(self.pull_cron)
            if problem or self.pull_every is not None:
                errors["pull_cron"] = (
                    problem or "Either seconds between pulls or times: leave one of them empty."
                )
        for name in ("rate_per_address", "rate_per_key"):
            problem = rates.problem(getattr(self, name))
            if problem:
                errors[name] = problem
        if errors:
            raise ValidationError(errors)
