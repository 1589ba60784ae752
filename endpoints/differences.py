"""What an audit found, kept until it is healed or found no more; and what a person wants healed."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from endpoints import jobs
from endpoints.models import Difference, DifferenceKind, RunKind

MOST = 10_000
"""Rows of one endpoint. A mirror that differs in more has another trouble than single records."""


def keep(found: Sequence[Difference]) -> None:
    """What is found again takes the place of what was found before."""
    Difference.objects.bulk_create(
        found,
        update_conflicts=True,
        unique_fields=["endpoint", "odoo_id", "key", "field"],
        update_fields=["run", "record", "kind", "name", "label", "hub", "odoo", "found_at", "remark"],
    )


def forget_older(endpoint_id: int, begun_at: datetime) -> None:
    """An audit that began then has seen everything: what it did not find is no longer there."""
    Difference.objects.filter(endpoint_id=endpoint_id, found_at__lt=begun_at).delete()


def heal(rows: QuerySet[Difference], who: str) -> int:
    """Have these healed; a record is healed as a whole. Returns how many records these are."""
    records = set(rows.values_list("endpoint_id", "odoo_id"))
    with transaction.atomic():
        for endpoint_id in {endpoint_id for endpoint_id, _ in records}:
            ids = [odoo_id for other, odoo_id in records if other == endpoint_id]
            mine = Difference.objects.filter(endpoint_id=endpoint_id, odoo_id__in=ids)
            mine.update(chosen_at=Now(), remark="")
            jobs.ask(endpoint_id, RunKind.HEAL, who)
    return len(records)


def chosen(endpoint_id: int, most: int) -> list[int]:
    """The Odoo ids of records that are to be healed, `most` of them."""
    rows = Difference.objects.filter(endpoint_id=endpoint_id, chosen_at__isnull=False)
    return list(rows.order_by("odoo_id").values_list("odoo_id", flat=True).distinct()[:most])


def count_chosen(endpoint_id: int) -> int:
    rows = Difference.objects.filter(endpoint_id=endpoint_id, chosen_at__isnull=False)
    return rows.order_by().values("odoo_id").distinct().count()


def here_only(endpoint_id: int, odoo_ids: Collection[int]) -> set[int]:
    """Those of these records that were found to be here only."""
    rows = Difference.objects.filter(endpoint_id=endpoint_id, odoo_id__in=odoo_ids, kind=DifferenceKind.EXTRA)
    return set(rows.values_list("odoo_id", flat=True))


def healed(endpoint_id: int, odoo_ids: Collection[int]) -> None:
    Difference.objects.filter(endpoint_id=endpoint_id, odoo_id__in=odoo_ids).delete()


def left(endpoint_id: int, odoo_ids: Collection[int], remark: str) -> None:
    """They could not be healed, and are shown why."""
    rows = Difference.objects.filter(endpoint_id=endpoint_id, odoo_id__in=odoo_ids)
    rows.update(chosen_at=None, remark=remark)


def endpoints_to_heal() -> list[int]:
    rows = Difference.objects.filter(chosen_at__isnull=False)
    return list(rows.order_by().values_list("endpoint_id", flat=True).distinct())
