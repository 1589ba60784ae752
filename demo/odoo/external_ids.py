"""External ids: `module.name` for a record, kept in `ir.model.data`."""

from collections.abc import Iterable

from demo.odoo.env import Env, as_array
from demo.odoo.models import Model

IMPORT = "__import__"


def qualified(xid: str, module: str = IMPORT) -> str:
    """With its module; one without is of the import's own."""
    return xid if "." in xid else f"{module}.{xid}"


def known(env: Env, model: Model, xids: Iterable[str]) -> dict[str, int]:
    """The records of the model behind external ids, as far as there are any."""
    wanted = {qualified(xid): xid for xid in xids}
    found = env.rows(
        # The join's order is fixed: by the unique index, never through all the ids of a model.
        "SELECT d.module || '.' || d.name, d.res_id FROM json_each(?) w CROSS JOIN ir_model_data d"  # noqa: S608
        " ON d.module = substr(w.value, 1, instr(w.value, '.') - 1)"
        " AND d.name = substr(w.value, instr(w.value, '.') + 1)"
        f" JOIN {model.table} t ON t.id = d.res_id WHERE d.model = ?",
        as_array(wanted),
        model.name,
    )
    return {wanted[name]: record for name, record in found}


def kept(env: Env, xids: Iterable[str]) -> set[str]:
    """Which of these names are of records that no import changes (`noupdate`)."""
    wanted = {qualified(xid): xid for xid in xids}
    found = env.rows(
        "SELECT d.module || '.' || d.name FROM json_each(?) w CROSS JOIN ir_model_data d"
        " ON d.module = substr(w.value, 1, instr(w.value, '.') - 1)"
        " AND d.name = substr(w.value, instr(w.value, '.') + 1) WHERE d.noupdate",
        as_array(wanted),
    )
    return {wanted[name] for (name,) in found}


def give(env: Env, model: Model, named: Iterable[tuple[str, int]]) -> None:
    """Name records; a name that was another record's moves on."""
    noupdate = bool(env.context.get("noupdate"))
    stamps = (env.uid, env.uid, env.now, env.now)
    env.db.executemany(
        "INSERT INTO ir_model_data (module, name, model, res_id, noupdate, create_uid, write_uid, create_date, write_date)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (module, name)"
        " DO UPDATE SET model = excluded.model, res_id = excluded.res_id, write_date = excluded.write_date",
        [
            (module, name, model.name, record, noupdate, *stamps)
            for xid, record in named
            for module, _, name in [xid.partition(".")]
        ],
    )
