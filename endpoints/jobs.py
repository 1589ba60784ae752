"""Runs that a person asks for: they wait in the database, so that none is forgotten."""

from typing import Any

from django.db import transaction

from endpoints import wakeup
from endpoints.models import Endpoint, Run, RunKind, RunState


def ask(endpoint_id: int, kind: RunKind, who: str, details: dict[str, Any] | None = None) -> Run | None:
    """Have it done as soon as a worker is free. None: the same is waiting or under way already."""
    with transaction.atomic():
        Endpoint.objects.select_for_update().get(pk=endpoint_id)
        same = Run.objects.filter(
            endpoint=endpoint_id,
            kind=kind,
            state__in=[RunState.QUEUED, RunState.RUNNING],
            details__contains=details or {},
        )
        if same.exists():
            return None
        run = Run.objects.create(
            endpoint_id=endpoint_id, kind=kind, state=RunState.QUEUED, asked_by=who, details=details or {}
        )
        wakeup.once_committed(wakeup.run, run.pk)
    return run
