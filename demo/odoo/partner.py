"""What Odoo computes for contacts: names, the commercial entity, addresses that follow the company's."""

# ruff: noqa: S608 — names of tables and columns come from the field table, values are always parameters

import re
from typing import Any

from demo.odoo import crud
from demo.odoo.env import IN_ARRAY, Env, Values, as_array
from demo.odoo.errors import NOT_POSSIBLE, ConstraintError, ValidationError
from demo.odoo.hooks import HOOKS, Hooks
from demo.odoo.models import MODELS

_MODEL = MODELS["res.partner"]
_ADDRESS = ("street", "street2", "zip", "city", "state_id", "country_id")
_COMMERCIAL = ("vat", "company_registry", "industry_id")
_COMPUTED = ("commercial_partner_id", "commercial_company_name", "complete_name", "email_normalized")
_COMPUTED_FROM = frozenset({"name", "parent_id", "is_company", "type", "company_name", "email"})
# Looked for where a word begins: from each of its letters, a long text without an @ would take minutes.
_EMAIL = re.compile(r"(?<![^\s<>,;\"'])[^\s<>,;\"']+@[^\s<>,;\"']+")


def computed(partner: Values, parent: Values | None) -> Values:
    """The stored computed fields of one partner."""
    stands_alone = partner["is_company"] or not parent
    commercial = partner["id"] if stands_alone or parent is None else parent["commercial_partner_id"]
    if stands_alone or parent is None:
        company = partner["name"] if partner["is_company"] else partner["company_name"]
    else:
        company = parent["commercial_company_name"]
    email = _EMAIL.search(partner["email"] or "")
    return {
        "commercial_partner_id": commercial,
        "commercial_company_name": company or None,
        "complete_name": _complete_name(partner, parent, company),
        "email_normalized": email[0].lower() if email else None,
    }


def _complete_name(partner: Values, parent: Values | None, company: str | None) -> str:
    name: str = partner["name"] or ""
    if partner["company_name"] or parent:
        if not name and partner["type"] in ("invoice", "delivery", "other"):
            name = _MODEL.fields["type"].choices[partner["type"]]
        if not partner["is_company"]:
            name = f"{company or (parent or {}).get('name') or ''}, {name}"
    return name.strip()


def _before_create(_env: Env, given: list[Values]) -> None:
    for vals in given:
        _translate(vals)


def _before_write(env: Env, ids: list[int], vals: Values) -> None:
    _translate(vals)
    if not vals.get("parent_id"):
        return
    statement = (
        "WITH RECURSIVE up(id) AS (SELECT ? UNION SELECT p.parent_id FROM res_partner p JOIN up ON p.id = up.id"
        " WHERE p.parent_id IS NOT NULL) SELECT id FROM up"
    )
    if {row[0] for row in env.rows(statement, vals["parent_id"])} & set(ids):
        raise ValidationError("You cannot create recursive Partner hierarchies.")


def _translate(vals: Values) -> None:
    if "company_type" in vals:
        vals.setdefault("is_company", vals["company_type"] == "company")
    website = vals.get("website")
    if website and "://" not in str(website):
        vals["website"] = f"http://{website}"


def _fill(env: Env, rows: list[Values]) -> None:
    _check_names(rows)
    parents = _parents(env, rows)
    for row in rows:
        parent = parents.get(row["parent_id"])
        if parent and row["type"] == "contact" and any(parent[name] for name in _ADDRESS):
            row.update({name: parent[name] for name in _ADDRESS})
        if parent and not row["is_company"]:
            row.update({name: parent[name] for name in _COMMERCIAL if parent[name]})
        row.update(computed(row, parent))


def _check_names(rows: list[Values]) -> None:
    if any(row["name"] is None and row["type"] in ("contact", None) for row in rows):
        raise ConstraintError(f"{NOT_POSSIBLE} Contacts require a name", "'Contacts require a name'")


def _check_barcodes(env: Env, vals_list: list[Values]) -> None:
    wanted = [vals["barcode"] for vals in vals_list if vals.get("barcode")]
    statement = f"SELECT 1 FROM res_partner WHERE barcode {IN_ARRAY} GROUP BY barcode HAVING COUNT(*) > 1"
    if wanted and env.rows(statement, as_array(wanted)):
        raise ValidationError("Another partner already has this barcode")


def _after_write(env: Env, ids: list[int], vals: Values) -> None:
    _check_barcodes(env, [vals])
    _check_names(_partners(env, ids) if "name" in vals or "type" in vals else [])
    if _COMPUTED_FROM & vals.keys():
        _recompute(env, ids)
    if vals.get("parent_id") or vals.get("type") == "contact":
        _take_from_parent(env, ids)
    _give_to_children(env, ids, vals)


def _recompute(env: Env, ids: list[int]) -> None:
    """The records, then everybody below them; a record whose values stay the same is left alone."""
    while ids:
        partners = _partners(env, ids)
        parents = _parents(env, partners)
        for partner in partners:
            values = computed(partner, parents.get(partner["parent_id"]))
            if values != {name: partner[name] for name in _COMPUTED}:
                crud.update(env, _MODEL, [partner["id"]], values)
        ids = [
            row[0]
            for row in env.rows(f"SELECT id FROM res_partner WHERE parent_id {IN_ARRAY}", as_array(ids))
        ]


def _take_from_parent(env: Env, ids: list[int]) -> None:
    partners = _partners(env, ids)
    parents = _parents(env, partners)
    for partner in partners:
        parent = parents.get(partner["parent_id"])
        if not parent:
            continue
        taken: Values = {}
        if partner["type"] == "contact" and any(parent[name] for name in _ADDRESS):
            taken = {name: parent[name] for name in _ADDRESS}
        if not partner["is_company"]:
            taken |= {name: parent[name] for name in _COMMERCIAL if parent[name]}
        if taken:
            crud.update(env, _MODEL, [partner["id"]], taken)


def _give_to_children(env: Env, ids: list[int], vals: Values) -> None:
    """A contact has the address of its company, and everybody below a company its tax number."""
    for names, rule in ((_ADDRESS, "type = 'contact'"), (_COMMERCIAL, "NOT is_company")):
        given: dict[str, Any] = {name: vals[name] for name in names if name in vals}
        if not given:
            continue
        statement = f"SELECT id FROM res_partner WHERE parent_id {IN_ARRAY} AND {rule}"
        children = [row[0] for row in env.rows(statement, as_array(ids))]
        crud.write(env, _MODEL, children, given)


def _partners(env: Env, ids: list[int] | set[int]) -> list[Values]:
    names = (
        "id",
        "name",
        "parent_id",
        "is_company",
        "type",
        "company_name",
        "email",
        *_ADDRESS,
        *_COMMERCIAL,
    )
    columns = (*names, *_COMPUTED)
    statement = f"SELECT {', '.join(columns)} FROM res_partner WHERE id {IN_ARRAY}"
    return [dict(zip(columns, row, strict=True)) for row in env.rows(statement, as_array(ids))]


def _parents(env: Env, partners: list[Values]) -> dict[int, Values]:
    ids = {partner["parent_id"] for partner in partners} - {None}
    return {parent["id"]: parent for parent in _partners(env, ids)} if ids else {}


HOOKS["res.partner"] = Hooks(
    before_create=_before_create,
    fill=_fill,
    after_create=lambda env, _ids, given: _check_barcodes(env, given),
    before_write=_before_write,
    after_write=_after_write,
)
