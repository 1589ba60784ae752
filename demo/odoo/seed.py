"""The first records of a practice database: a believable small company with customers, products, orders.

Always the same for the same number of contacts, but for the dates, which count back from today.
"""

import json
import random
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from demo.odoo import crud, schema, seed_contacts, translations
from demo.odoo.env import Env, Values
from demo.odoo.models import MODELS
from demo.odoo.words import (
    ADJECTIVES,
    COLOURS,
    FRENCH,
    FRENCH_COUNTRIES,
    FURNITURE,
    PARTNER_TAGS,
    PRODUCT_TAGS,
    TITLES,
)

DAYS = 300


def fill(db: sqlite3.Connection, contacts: int) -> None:
    """`contacts` partners, and products and orders in proportion (400 and 600 at most)."""
    env = Env(db, schema.SUPERUSER, schema.now())
    dice = random.Random(18)
    _basics(env)
    _world(env)
    _settings(env)
    products = _products(env, dice, min(400, max(20, contacts // 7)))
    seed_contacts.fill(env, dice, contacts, DAYS)
    _orders(env, dice, min(600, contacts // 5), products)
    # Practice is in the past: whoever pulls what changed since now gets only what changes from now on.
    db.execute("ANALYZE")


def days_ago(env: Env, days: float) -> Env:
    """The same environment at an earlier moment."""
    now = datetime.strptime(env.now, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
    return replace(env, now=(now - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S.%f"))


def _make(
    env: Env, model: str, vals_list: Sequence[Values], names: Sequence[str] = (), module: str = "base"
) -> list[int]:
    """Records, with an external id each where there are names for it."""
    ids = crud.create(days_ago(env, DAYS), MODELS[model], vals_list)
    named = [
        {"module": module, "name": name, "model": model, "res_id": record, "noupdate": True}
        for name, record in zip(names, ids, strict=False)
    ]
    crud.create(days_ago(env, DAYS), MODELS["ir.model.data"], named)
    return ids


def _basics(env: Env) -> None:
    """What the rest points to: languages, currencies, the company, the users."""
    languages = [
        ("en_US", "English (US)", True),
        ("fr_FR", "French / Français", True),
        ("de_DE", "German / Deutsch", False),
    ]
    _make(
        env,
        "res.lang",
        [
            {"code": code, "name": name, "url_code": code[:2], "iso_code": code[:2], "active": on}
            for code, name, on in languages
        ],
        ["lang_en", "lang_fr", "lang_de"],
    )
    keys = ("name", "full_name", "symbol", "position", "rounding", "iso_numeric")
    currencies = [dict(zip(keys, row, strict=True)) for row in _world_facts()["currencies"]]
    _make(env, "res.currency", currencies, [row["name"] for row in currencies])
    company = {
        "name": "YourCompany",
        "is_company": True,
        "email": "info@yourcompany.example.com",
        "city": "San Francisco",
    }
    people = [
        company,
        {"name": "OdooBot", "email": "odoobot@example.com", "active": False, "partner_share": False},
        {"name": "Mitchell Admin", "email": "admin@yourcompany.example.com", "partner_share": False},
        {"name": "Marc Demo", "email": "demo@yourcompany.example.com", "partner_share": False},
    ]
    partners = _make(
        env, "res.partner", people, ["main_partner", "partner_root", "partner_admin", "partner_demo"]
    )
    _make(env, "res.company", [{"name": "YourCompany", "partner_id": partners[0]}], ["main_company"])
    users: list[Values] = [
        {"login": login, "partner_id": record, "active": login != "__system__", "company_ids": [(6, 0, [1])]}
        for login, record in zip(("__system__", "admin", "demo"), partners[1:], strict=True)
    ]
    _make(env, "res.users", users, ["user_root", "user_admin", "user_demo"])


def _world(env: Env) -> None:
    facts = _world_facts()
    currencies = dict(env.rows("SELECT name, id FROM res_currency"))
    countries = [
        {"code": code, "name": name, "phone_code": phone, "currency_id": currencies.get(currency) or False}
        for code, name, phone, currency in facts["countries"]
    ]
    xids = [{"GB": "uk"}.get(country["code"], country["code"].lower()) for country in countries]
    ids = dict(
        zip(
            (country["code"] for country in countries),
            _make(env, "res.country", countries, xids),
            strict=True,
        )
    )
    french = {ids[code]: name for code, name in FRENCH_COUNTRIES.items()}
    translations.give(env.db, MODELS["res.country"], "name", "fr_FR", french)
    states = [
        (country, code, name)
        for country, entries in facts["states"].items()
        for code, name in entries.items()
    ]
    _make(
        env,
        "res.country.state",
        [{"code": code, "name": name, "country_id": ids[country]} for country, code, name in states],
        [f"state_{country}_{code}".lower() for country, code, _name in states],
    )
    crud.write(days_ago(env, DAYS), MODELS["res.partner"], [1], {"country_id": ids["US"]})


def _settings(env: Env) -> None:
    """Units, taxes, tags, categories: the short lists."""
    units = {"Unit": [("Units", 1.0), ("Dozens", 1 / 12)], "Weight": [("kg", 1.0), ("g", 1000.0)],
             "Working Time": [("Hours", 8.0), ("Days", 1.0)], "Length / Distance": [("m", 1.0)], "Volume": [("L", 1.0)]}  # fmt: skip
    categories = _make(env, "uom.category", [{"name": name} for name in units])
    lines = [
        (record, *unit)
        for record, entries in zip(categories, units.values(), strict=True)
        for unit in entries
    ]
    kinds = {True: "reference"}
    _make(
        env,
        "uom.uom",
        [
            {"name": name, "factor": factor, "category_id": record,
             "uom_type": kinds.get(factor == 1.0, "bigger" if factor < 1 else "smaller")}
            for record, name, factor in lines
        ],
        ["product_uom_unit", "product_uom_dozen", "product_uom_kgm", "product_uom_gram", "product_uom_hour",
         "product_uom_day", "product_uom_meter", "product_uom_litre"],
        "uom",
    )  # fmt: skip
    _make(
        env,
        "account.tax",
        [{"name": "15%", "amount": 15.0, "type_tax_use": use} for use in ("sale", "purchase")],
    )
    _make(
        env, "account.payment.term", [{"name": "Immediate Payment"}, {"name": "15 Days"}, {"name": "30 Days"}]
    )
    _make(env, "res.partner.title", [{"name": name, "shortcut": short} for name, short in TITLES])
    _make(
        env,
        "res.partner.industry",
        [{"name": name} for name in ("Retail", "Construction", "Education", "Health", "IT")],
    )
    _make(
        env,
        "res.partner.category",
        [{"name": name, "color": number} for number, name in enumerate(PARTNER_TAGS, 1)],
    )
    _make(env, "product.tag", [{"name": name} for name in PRODUCT_TAGS])
    _make(env, "crm.tag", [{"name": name} for name in ("Product", "Services", "Consulting")])
    _make(env, "product.category", [{"name": "All"}], ["product_category_all"], "product")
    _make(env, "product.category", [{"name": name, "parent_id": 1} for name in (*FURNITURE, "Services")])
    _make(env, "stock.location", [{"name": "WH", "usage": "view"}])
    _make(env, "stock.location", [{"name": "Stock", "location_id": 1}], ["stock_location_stock"], "stock")
    _make(env, "ir.cron", [{"name": "Base: Auto-vacuum internal data", "nextcall": env.now[:19]}])


def _products(env: Env, dice: random.Random, count: int) -> list[int]:
    categories = {name: record for record, name in env.rows("SELECT id, name FROM product_category")}
    tags = [row[0] for row in env.rows("SELECT id FROM product_tag")]
    vals_list = []
    french_names = []
    for number in range(1, count + 1):
        category = dice.choice(list(FURNITURE))
        thing = dice.choice(FURNITURE[category])
        price = float(dice.randrange(900, 120_000, 50) / 100)
        adjective, colour = dice.choice(ADJECTIVES), dice.choice(COLOURS)
        french_names.append(f"{FRENCH[thing]} {FRENCH[adjective]}, {FRENCH[colour]}")
        vals_list.append({
            "name": f"{adjective} {thing}, {colour}",
            "default_code": f"FURN_{number:04d}",
            "categ_id": categories[category],
            "list_price": price,
            "standard_price": round(price * 0.6, 2),
            "weight": dice.randrange(1, 400) / 10,
            "barcode": f"540{number:09d}",
            "is_storable": True,
            "product_tag_ids": [(6, 0, dice.sample(tags, dice.randrange(3)))],
            "description_sale": f"{thing} of our own workshop." if number % 4 == 0 else False,
        })  # fmt: skip
    made = _make(env, "product.template", vals_list)
    translations.give(
        env.db, MODELS["product.template"], "name", "fr_FR", dict(zip(made, french_names, strict=True))
    )
    variants = [row[0] for row in env.rows("SELECT id FROM product_product ORDER BY id")]
    stamp = days_ago(env, DAYS).now[:19]
    quants = [
        {"product_id": record, "location_id": 2, "quantity": float(dice.randrange(200)), "in_date": stamp}
        for record in variants
    ]
    _make(env, "stock.quant", quants)
    return variants


def _orders(env: Env, dice: random.Random, count: int, products: Sequence[int]) -> None:
    customers = [
        row[0] for row in env.rows("SELECT id FROM res_partner WHERE is_company AND customer_rank > 0")
    ]
    batch = 50
    for start in range(0, count if customers else 0, batch):
        moment = days_ago(env, DAYS * (1 - start / count) / 2 + 1)
        numbers = range(start + 1, min(start + batch, count) + 1)
        orders = [
            {
                "partner_id": dice.choice(customers),
                "client_order_ref": f"PO-2026-{number:04d}",
                "order_line": [
                    # Lines in an order of their own, as if somebody had dragged them: sequence tells them apart.
                    (
                        0,
                        0,
                        {
                            "sequence": 10 + place,
                            "product_id": product,
                            "product_uom_qty": float(dice.randrange(1, 13)),
                        },
                    )
                    for place, product in enumerate(dice.sample(products, dice.randrange(1, 7)))
                ],
            }
            for number in numbers
        ]
        ids = crud.create(replace(moment, uid=2), MODELS["sale.order"], orders)
        crud.write(moment, MODELS["sale.order"], [record for record in ids if record % 3], {"state": "sale"})


def _world_facts() -> Mapping[str, Any]:
    facts: Mapping[str, Any] = json.loads(Path(__file__).with_name("world.json").read_text(encoding="utf-8"))
    return facts
