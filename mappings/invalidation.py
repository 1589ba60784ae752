"""Makes every process compile the configuration again after any change of it."""

from typing import Any

from django.db import models
from django.db.models.signals import post_delete, post_save

from mappings.models import (
    ConfigVersion,
    Connection,
    Line,
    LookupRow,
    LookupTable,
    Mapping,
    OdooModel,
    SchemaProblem,
)

_uid = "config-version"


def _bump(**_: Any) -> None:
    ConfigVersion.bump()


def _acknowledge(instance: Line, **_: Any) -> None:
    """Whoever saves a line has seen what was noted about it. What still does not fit is found at the next reading."""
    SchemaProblem.objects.filter(line=instance).delete()


def watch(*config_models: type[models.Model]) -> None:
    """Gives the configuration a new version whenever a row of these models is saved or deleted."""
    for model in config_models:
        post_save.connect(_bump, sender=model, dispatch_uid=f"{_uid}-{model.__name__}")
        post_delete.connect(_bump, sender=model, dispatch_uid=f"{_uid}-{model.__name__}")


def connect() -> None:
    watch(Connection, Mapping, Line, LookupTable, LookupRow, OdooModel)
    post_save.connect(_acknowledge, sender=Line, dispatch_uid="schema-problem-seen")
