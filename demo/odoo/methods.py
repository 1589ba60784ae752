"""The methods that a client may call on a model, with Odoo's own signatures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from demo.odoo import access, crud, groups, partner, product, reading, sale, sale_lines, tree
from demo.odoo import load as imports
from demo.odoo.env import IN_ARRAY, Env, Values, as_array
from demo.odoo.errors import AccessError
from demo.odoo.hooks import hooks_of
from demo.odoo.models import MODELS, Model

# Importing them is what gives the models their behaviour.
BEHAVIOUR = (partner, product, sale, sale_lines, tree)
READ_ONLY = frozenset(
    {
        "search",
        "search_count",
        "search_read",
        "read",
        "read_group",
        "name_search",
        "fields_get",
        "default_get",
    }
    | {"exists", "check_access_rights", "check_access", "has_access", "get_metadata", "get_available_models"}
)


@dataclass(frozen=True)
class Method:
    """`access` is the right it takes; a method on records gets their ids first, a method of the model does not."""

    run: Callable[..., Any]
    access: str = ""
    on_records: bool = False


def call(env: Env, model: Model, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    if name.startswith("_"):
        raise AccessError(f"Private methods (such as '{model.name}.{name}') cannot be called remotely.")
    own = hooks_of(model.name).methods.get(name)
    if own:
        method = Method(lambda env, _model, ids: own(env, ids), "write", on_records=True)
    elif name in METHODS:
        method = METHODS[name]
    else:
        raise AttributeError(f"The method '{model.name}.{name}' does not exist")
    if method.access:
        access.check(env, model, method.access)
    if not method.on_records:
        return method.run(env, model, *args, **kwargs)
    ids, *rest = args
    return method.run(env, model, _ids(ids), *rest, **kwargs)


def _ids(value: Any) -> list[int]:
    """Odoo takes one id as well as a list of them."""
    return [value] if isinstance(value, int) else list(value)


def create(env: Env, model: Model, vals_list: Any) -> int | list[int]:
    if isinstance(vals_list, Mapping):
        return crud.create(env, model, [vals_list])[0]
    return crud.create(env, model, vals_list)


def fields_get(
    _env: Env, model: Model, allfields: Sequence[str] | None = None, attributes: Sequence[str] | None = None
) -> dict[str, Values]:
    asked = set(attributes or ())
    described = {}
    for name, field in model.fields.items():
        if not allfields or name in allfields:
            facts = {"name": name, **field.facts}
            described[name] = {key: value for key, value in facts.items() if not asked or key in asked}
    return described


def default_get(env: Env, model: Model, fields_list: Sequence[str]) -> Values:
    given = {
        name.removeprefix("default_"): value
        for name, value in env.context.items()
        if name.startswith("default_")
    }
    defaults: Values = {**model.defaults, **given}
    booleans = {
        name: False for name, field in model.fields.items() if field.type == "boolean" and field.is_column
    }
    defaults = {**booleans, **defaults}
    return {name: defaults[name] for name in fields_list if name in defaults and name in model.fields}


def name_create(env: Env, model: Model, name: str) -> list[Any]:
    record = crud.create(env, model, [{"name": name}])[0]
    return [record, reading.display_names(env, model, [record])[record]]


def copy(env: Env, model: Model, ids: list[int], default: Values | None = None) -> list[int]:
    """New records with the same values; the lines of an order come along, other one2many records do not."""
    made = []
    for record in reading.read(env, model, ids, None, load=""):
        vals = _copied(env, model, record)
        if "name" in vals:
            vals["name"] = f"{vals['name']} (copy)"
        made.append({**vals, **(default or {})})
    return crud.create(env, model, made)


# Of one record only: its number, its state, what was signed, what is scanned.
_NOT_COPIED = frozenset(
    {"id", "state", "barcode", "date_order", "signature", "signed_by", "signed_on"}
    | {"client_order_ref", "validity_date", "commitment_date"}
)


def _copied(env: Env, model: Model, record: Values) -> Values:
    vals: Values = {}
    for name, value in record.items():
        field = model.fields[name]
        if (
            name in _NOT_COPIED
            or field.computed
            or field.related
            or (name == "name" and model.name == "sale.order")
        ):
            continue
        if name == "order_line":
            line_model = env.model(field.relation)
            lines = reading.read(env, line_model, value, None, load="")
            vals[name] = [(0, 0, _copied(env, line_model, line)) for line in lines]
        elif field.type == "many2many":
            vals[name] = [(6, 0, value)]
        elif field.type != "one2many" and not field.facts["readonly"]:
            vals[name] = value
    return vals


def exists(env: Env, model: Model, ids: list[int]) -> list[int]:
    found = env.rows(f"SELECT id FROM {model.table} WHERE id {IN_ARRAY}", as_array(ids))  # noqa: S608 — a name of ours
    known = {row[0] for row in found}
    return [record for record in ids if record in known]


def check_access_rights(env: Env, model: Model, operation: str, raise_exception: bool = True) -> bool | None:
    """Without `raise_exception` a truth value; with it nothing, which XML-RPC cannot carry."""
    if not raise_exception:
        return access.may(env, model, operation)
    access.check(env, model, operation)
    return None


def check_access(env: Env, model: Model, _ids: list[int], operation: str) -> None:
    access.check(env, model, operation)


def has_access(env: Env, model: Model, _ids: list[int], operation: str) -> bool:
    return access.may(env, model, operation)


def toggle_active(env: Env, model: Model, ids: list[int]) -> None:
    """Odoo's buttons give nothing back, which XML-RPC cannot carry: the fault comes after the commit."""
    for active in (True, False):
        _set_active(env, model, ids, active=active)


def _set_active(env: Env, model: Model, ids: list[int], *, active: bool) -> None:
    statement = f"SELECT id FROM {model.table} WHERE COALESCE(active, 0) != ? AND id {IN_ARRAY}"  # noqa: S608
    crud.write(env, model, [row[0] for row in env.rows(statement, active, as_array(ids))], {"active": active})


def action_archive(env: Env, model: Model, ids: list[int]) -> None:
    _set_active(env, model, ids, active=False)


def action_unarchive(env: Env, model: Model, ids: list[int]) -> None:
    _set_active(env, model, ids, active=True)


def get_metadata(env: Env, model: Model, ids: list[int]) -> list[Values]:
    names = ["create_uid", "create_date", "write_uid", "write_date"]
    rows = reading.read(env, model, ids, names)
    for row in rows:
        found = env.rows(
            "SELECT module || '.' || name, noupdate FROM ir_model_data WHERE model = ? AND res_id = ? ORDER BY id",
            model.name,
            row["id"],
        )
        row["xmlid"] = found[0][0] if found else False
        row["noupdate"] = bool(found and found[0][1])
        row["xmlids"] = [{"xmlid": xmlid, "noupdate": bool(noupdate)} for xmlid, noupdate in found]
    return rows


def get_available_models(env: Env, model: Model) -> list[Values]:
    """Those that the user may read, also for one who may not read the models themselves."""
    if model.name != "ir.model":
        raise AttributeError(f"The method '{model.name}.get_available_models' does not exist")
    return [
        {"display_name": one.label, "model": one.name}
        for one in MODELS.values()
        if access.may(env, one, "read")
    ]


METHODS: dict[str, Method] = {
    "search": Method(reading.search, "read"),
    "search_count": Method(reading.search_count, "read"),
    "search_read": Method(reading.search_read, "read"),
    "name_search": Method(reading.name_search, "read"),
    "read_group": Method(groups.read_group, "read"),
    "read": Method(reading.read, "read", on_records=True),
    "fields_get": Method(fields_get),
    "default_get": Method(default_get),
    "get_available_models": Method(get_available_models),
    "create": Method(create, "create"),
    "name_create": Method(name_create, "create"),
    "copy": Method(copy, "create", on_records=True),
    "load": Method(imports.load, "create"),
    "write": Method(crud.write, "write", on_records=True),
    "unlink": Method(crud.unlink, "unlink", on_records=True),
    "exists": Method(exists, on_records=True),
    "get_metadata": Method(get_metadata, on_records=True),
    "check_access_rights": Method(check_access_rights),
    "check_access": Method(check_access, on_records=True),
    "has_access": Method(has_access, on_records=True),
    "toggle_active": Method(toggle_active, "write", on_records=True),
    "action_archive": Method(action_archive, "write", on_records=True),
    "action_unarchive": Method(action_unarchive, "write", on_records=True),
}
