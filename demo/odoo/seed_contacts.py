"""Many contacts, straight into their table: companies with people who work there, and people of their own."""

# ruff: noqa: S608 — names of tables and columns come from the field table, values are always parameters

import random
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from demo.odoo import partner, words
from demo.odoo.env import Env, Values
from demo.odoo.models import MODELS

_MODEL = MODELS["res.partner"]
_BATCH = 5000
_ADDRESS = ("street", "zip", "city", "state_id", "country_id")


def fill(env: Env, dice: random.Random, count: int, days: int) -> None:
    """`count` partners with the references C00001 and on, made and changed over the last `days`."""
    columns = ", ".join(f'"{name}"' for name in _MODEL.columns)
    statement = f"INSERT INTO res_partner ({columns}) VALUES ({', '.join('?' * len(_MODEL.columns))})"
    tags = [row[0] for row in env.rows("SELECT id FROM res_partner_category ORDER BY id")]
    last = int(env.value("SELECT MAX(id) FROM res_partner"))
    rows: list[Values] = []
    for number, row in enumerate(_people(env, dice, count, days, last), 1):
        rows.append(row)
        if len(rows) == _BATCH or number == count:
            env.db.executemany(statement, ([one[name] for name in _MODEL.columns] for one in rows))
            links = [(one["id"], tag) for one in rows for tag in dice.sample(tags, dice.choice((0, 0, 1, 2)))]
            env.db.executemany("INSERT INTO res_partner_res_partner_category_rel VALUES (?, ?)", links)
            rows = []


def _people(env: Env, dice: random.Random, count: int, days: int, last: int) -> Iterator[Values]:
    places = _places(env)
    blank: Values = {name: 0 if _MODEL.fields[name].type == "boolean" else None for name in _MODEL.columns}
    blank |= _MODEL.defaults
    now = datetime.strptime(env.now, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
    parent: Values | None = None
    for number in range(1, count + 1):
        row = blank.copy()
        made = (now - timedelta(days=days * (1 - number / (count + 1)) + 1)).strftime("%Y-%m-%d %H:%M:%S.%f")
        row.update(
            id=last + number,
            ref=f"C{number:05d}",
            create_uid=2,
            write_uid=2,
            create_date=made,
            write_date=made,
        )
        # Of ten: three companies, six people who work at the last one, one on their own.
        turn = number % 10
        if turn in (1, 4, 7):
            row.update(_company(dice, number, dice.choice(places)))
            parent = row
        else:
            employer = parent if turn else None
            row.update(_person(dice, number, employer, dice.choice(places)))
        owner = parent if row["parent_id"] else None
        row.update(partner.computed(row, owner))
        yield row


def _company(dice: random.Random, number: int, place: Values) -> Values:
    name = f"{dice.choice(words.COMPANY_FIRST)} {dice.choice(words.COMPANY_SECOND)} {dice.choice(words.COMPANY_FORMS)}"
    domain = f"{_ascii(name).rpartition(' ')[0].replace(' ', '-')}-{number}.example.com"
    return {
        "name": name,
        "is_company": True,
        "email": f"info@{domain}",
        "phone": _phone(dice, place),
        "website": f"https://{domain}",
        "vat": f"{place['code']}{100_000_000 + number}",
        "customer_rank": 1,
        "supplier_rank": int(number % 13 == 0),
        **_address(dice, place),
    }


def _person(dice: random.Random, number: int, employer: Values | None, place: Values) -> Values:
    first, family = dice.choice(words.FIRST_NAMES), dice.choice(words.LAST_NAMES)
    mailbox = f"{_ascii(first)}.{_ascii(family)}"
    person: Values = {
        "name": f"{first} {family}",
        "function": dice.choice(words.JOBS),
        "phone": _phone(dice, place),
    }
    if employer:
        domain = employer["email"].partition("@")[2]
        taken = {name: employer[name] for name in (*_ADDRESS, "vat")}
        return {**person, **taken, "parent_id": employer["id"], "email": f"{mailbox}.{number}@{domain}"}
    return {
        **person,
        **_address(dice, place),
        "email": f"{mailbox}.{number}@mail.example.com",
        "customer_rank": 1,
    }


def _address(dice: random.Random, place: Values) -> Values:
    return {
        "street": f"{dice.randrange(1, 250)} {dice.choice(words.STREETS)}",
        "zip": str(dice.randrange(1000, 99999)),
        "city": place["city"],
        "state_id": place["state_id"],
        "country_id": place["country_id"],
    }


def _phone(dice: random.Random, place: Values) -> str:
    return f"+{place['phone']} {dice.randrange(100, 999)} {dice.randrange(100_000, 999_999)}"


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def _places(env: Env) -> list[Values]:
    countries = {
        code: (record, phone)
        for code, record, phone in env.rows("SELECT code, id, phone_code FROM res_country")
    }
    states = {
        (country, code): record
        for country, code, record in env.rows("SELECT country_id, code, id FROM res_country_state")
    }
    places = []
    for city, country, state in words.CITIES:
        record, phone = countries[country]
        place = {"city": city, "code": country, "country_id": record, "phone": phone}
        places.append({**place, "state_id": states.get((record, state))})
    return places
