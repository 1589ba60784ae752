"""Whatever changes the configuration makes every process compile it anew."""

from typing import Any

from django.db import models
from django.db.models.signals import post_delete, post_save

from mappings.models import ConfigVersion, Connection, Line, LookupRow, LookupTable, Mapping, OdooModel

_uid = "config-version"


def _bump(**_: Any) -> None:
    ConfigVersion.bump()


def watch(*config_models: type[models.Model]) -> None:
    """Bump the configuration's version whenever a row of these models is saved or deleted."""
    for model in config_models:
        post_save.connect(_bump, sender=model, dispatch_uid=f"{_uid}-{model.__name__}")
        post_delete.connect(_bump, sender=model, dispatch_uid=f"{_uid}-{model.__name__}")


def connect() -> None:
    watch(Connection, Mapping, Line, LookupTable, LookupRow, OdooModel)
