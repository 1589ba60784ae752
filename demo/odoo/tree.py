"""Models that carry the names of everything above them: product categories and stock locations."""

# ruff: noqa: S608 — names of tables and columns come from the field table, values are always parameters

from demo.odoo import crud
from demo.odoo.env import IN_ARRAY, Env, Values, as_array
from demo.odoo.hooks import HOOKS, Hooks
from demo.odoo.models import MODELS


def _hooks(name: str, parent: str, separator: str) -> Hooks:
    model = MODELS[name]

    def rename(env: Env, ids: list[int], _vals: object) -> None:
        """The records, then those below; one whose name stays the same keeps its `write_date`."""
        while ids:
            found = env.rows(
                f"SELECT t.id, t.complete_name, COALESCE(p.complete_name || '{separator}', '') || t.name"
                f" FROM {model.table} t LEFT JOIN {model.table} p ON p.id = t.{parent} WHERE t.id {IN_ARRAY}",
                as_array(ids),
            )
            for record, before, after in found:
                if before != after:
                    crud.update(env, model, [record], {"complete_name": after})
            statement = f"SELECT id FROM {model.table} WHERE {parent} {IN_ARRAY}"
            ids = [row[0] for row in env.rows(statement, as_array(ids))]

    def renamed(env: Env, ids: list[int], vals: Values) -> None:
        if "name" in vals or parent in vals:
            rename(env, ids, vals)

    return Hooks(after_create=rename, after_write=renamed)


HOOKS["product.category"] = _hooks("product.category", "parent_id", " / ")
HOOKS["stock.location"] = _hooks("stock.location", "location_id", "/")
