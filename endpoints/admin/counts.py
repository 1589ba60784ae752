"""Counts beside endpoints. Each stops at a cap: “10,000+” is as good as the exact number, and cheap."""

from django.db.models.expressions import RawSQL

CAP = 10_000

# Each condition is that of a partial index, so that only the index is read.
_CONDITIONS = {
    "records_there": ("endpoints_record", "x.deleted_at IS NULL", CAP),
    # The rest of the condition is looked at in these rows alone: the index of names has those without one together.
    "nameless": (
        "endpoints_record",
        "x.deleted_at IS NULL AND x.external_id IS NULL AND x.odoo_id IS NOT NULL",
        CAP,
    ),
    "waiting": ("endpoints_change", "x.state = 'pending'", CAP),
    "under_way": ("endpoints_change", "x.state = 'claimed'", CAP),
    "failed": ("endpoints_change", "x.state = 'failed'", CAP),
}


def counts() -> dict[str, RawSQL]:
    """For `annotate` on endpoints."""
    return {
        name: RawSQL(  # noqa: S611  # constant text: a count over a capped subquery has no form in the ORM
            f"(SELECT count(*) FROM (SELECT 1 FROM {table} x"  # noqa: S608
            f' WHERE x.endpoint_id = "endpoints_endpoint"."id" AND {condition} LIMIT {cap + 1}) capped)',
            [],
        )
        for name, (table, condition, cap) in _CONDITIONS.items()
    }


def shown(count: int) -> str:
    return f"{CAP:,}+" if count > CAP else f"{count:,}"
