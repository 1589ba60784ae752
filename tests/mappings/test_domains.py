"""Domains: what an administrator may write, what is said where it does not fit, and dates that move along."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mappings import domain_fields, domains, relative_dates
from mappings.domain_fields import bind
from mappings.domains import DomainError, expand, parse
from tests.mappings.specs import field

FIELDS: dict[str, dict[str, Any]] = {
    "res.partner": {
        "name": field("char", "Name"),
        "active": field("boolean", "Active"),
        "type": field("selection", "Type", selection=[["contact", "Contact"], ["other", "Other"]]),
        "country_id": field("many2one", "Country", relation="res.country"),
        "category_id": field("many2many", "Tags", relation="res.partner.category"),
        "child_ids": field("one2many", "Contacts", relation="res.partner"),
        "user_id": field("many2one", "Salesperson", relation="res.users"),
        "color": field("integer", "Color"),
        "image_1920": field("binary", "Image"),
        "date": field("date", "Date"),
        "write_date": field("datetime", "Last Updated"),
        "credit": field("monetary", "Credit", store=False, searchable=True),
        "lost": field("char", "Lost", store=False, searchable=False),
    },
    "res.country": {"code": field("char", "Code")},
}
NOW = datetime(2026, 11, 24, 10, 30, 15, tzinfo=UTC)  # a Tuesday


def fields_of(model: str) -> dict[str, Any]:
    return FIELDS.get(model, {})


def problems(text: str) -> list[str]:
    return domain_fields.problems(parse(text), "res.partner", fields_of)


def at(text: str, now: datetime = NOW, time_zone: str = "") -> Any:
    return expand(bind(parse(text), "res.partner", fields_of), now, time_zone)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "[('name', 'ilike', 'a'), ('active', '=', True)]",
        "['|', ('country_id.code', '=', 'BE'), ('country_id', '=', False)]",
        "[('country_id', 'in', [1, 2]), ('country_id', 'ilike', 'bel')]",
        "[('type', 'in', ['contact', False])]",
        "[('category_id', 'child_of', 4), ('id', 'child_of', [1, 2]), ('id', '>', 5)]",
        "[('child_ids', 'any', [('name', '=', 'x'), ('country_id.code', '!=', 'BE')])]",
        "[('date', '>=', '2026-01-31'), ('write_date', '<', '2026-01-31 08:00:00')]",
        "[('date', '>=', 'today - 7 days'), ('write_date', '<', 'start of month - 1 month')]",
        "[('date.month_number', '=', 12)]",
        "[('credit', '>', 0.5), ('image_1920', '!=', False)]",
        # Only Odoo knows the users' fields.
        "[('user_id.login', '=', 'x'), ('user_id.partner_id.name', 'like', 'x')]",
    ],
)
def test_a_domain_that_fits_is_taken(text: str):
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[('active', '=', True), ('nope', '=', 1)]", "Item 2 (nope = …): res.partner has no field nope."),
        ("[('country_id.nope', '=', 1)]", "res.country has no field nope."),
        ("[('name.code', '=', 'x')]", "name of res.partner is no relation"),
        ("[('lost', '=', 'x')]", "Odoo cannot search by it"),
        ("[('name', '=', 5)]", "5 is no text; put it between quotes."),
        ("[('color', '=', '5')]", "'5' is no number."),
        ("[('active', '=', 'yes')]", "'yes' is not True or False."),
        ("[('active', 'like', 'yes')]", "compares texts, and a yes or no is none"),
        ("[('type', '=', 'nope')]", "'nope' is none of 'contact', 'other'."),
        ("[('name', 'in', 'ab')]", "“in” needs a list"),
        ("[('name', '=', ['a', 'b'])]", "for a list there is “in”"),
        ("[('name', 'child_of', 5)]", "needs a relation, or id"),
        ("[('name', 'any', [('name', '=', 'x')])]", "looks into other records"),
        (
            "[('child_ids', 'any', [('nope', '=', 'x')])]",
            "Item 1 (child_ids any …), item 1 (nope = …): res.partner has no",
        ),
        ("[('category_id', '>', 4)]", "neither less nor more"),
        ("[('image_1920', 'in', [False])]", "use = or !=, with False"),
        ("[('color', '>', False)]", "needs a value to compare with"),
        ("[('date', '>=', 'yesterday')]", "'yesterday' is no date; write '2026-01-31', 'today - 7 days'"),
        ("[('date', '>=', '2026-02-31')]", "is no date"),
        ("[('write_date', '>=', '2026-01-31T08:00:00')]", "is no date"),
        ("[('date', '>=', 'today - 99999 years')]", "is no date"),
        ("[('date', '>=', 7)]", "7 is no date"),
        ("[('image_1920', '=', 'x')]", "can only be compared with False"),
    ],
)
def test_what_does_not_fit_is_said_with_its_item(text: str, said: str):
    [problem] = problems(text)
    assert problem.startswith("Item ")
    assert said in problem


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("now", "2026-11-24 10:30:15"),
        ("now - 2 hours", "2026-11-24 08:30:15"),
        ("now - 90 minutes", "2026-11-24 09:00:15"),
        ("now + 1 month", "2026-12-24 10:30:15"),
        ("today", "2026-11-24 00:00:00"),
        ("today - 7 days", "2026-11-17 00:00:00"),
        ("today-1 day", "2026-11-23 00:00:00"),
        ("today + 8 hours", "2026-11-24 08:00:00"),
        ("start of week", "2026-11-23 00:00:00"),
        ("start of month", "2026-11-01 00:00:00"),
        ("start of month - 1 month", "2026-10-01 00:00:00"),
        ("start of month + 1 month - 1 day", "2026-11-30 00:00:00"),
        ("start of quarter", "2026-10-01 00:00:00"),
        ("start of quarter - 1 quarter", "2026-07-01 00:00:00"),
        ("start of year - 1 year", "2025-01-01 00:00:00"),
    ],
)
def test_a_relative_moment_is_made_a_date_when_it_is_used(text: str, value: str):
    assert at(f"[('write_date', '>=', '{text}')]") == [("write_date", ">=", value)]
    assert at(f"[('date', '>=', '{text}')]") == [("date", ">=", value[:10])]


@pytest.mark.parametrize(
    ("text", "now", "value"),
    [
        ("today", "2026-11-24T23:30:00+00:00", "2026-11-24 23:00:00"),  # it is the 25th in Brussels
        ("today - 1 day", "2026-03-29T12:00:00+00:00", "2026-03-27 23:00:00"),
        ("today", "2026-03-30T12:00:00+00:00", "2026-03-29 22:00:00"),  # clocks went forward
        ("today - 1 day", "2026-03-30T12:00:00+00:00", "2026-03-28 23:00:00"),
        ("now - 24 hours", "2026-03-29T12:00:00+00:00", "2026-03-28 12:00:00"),
        ("now", "2026-10-25T01:30:00+00:00", "2026-10-25 01:30:00"),  # the hour that came twice
        ("now - 30 minutes", "2026-10-25T01:30:00+00:00", "2026-10-25 01:00:00"),
        ("start of month", "2026-11-30T23:30:00+00:00", "2026-11-30 23:00:00"),
    ],
)
def test_days_are_those_of_the_connections_time_zone(text: str, now: str, value: str):
    moment = datetime.fromisoformat(now)
    assert at(f"[('write_date', '>=', '{text}')]", moment, "Europe/Brussels") == [("write_date", ">=", value)]


def test_today_is_the_local_day_for_a_date():
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert at("[('date', '=', 'today')]", late, "Europe/Brussels") == [("date", "=", "2026-11-25")]


@pytest.mark.parametrize("month", ["2026-03-31", "2026-05-31", "2024-03-30"])
def test_a_month_before_the_31st_is_the_last_day_of_a_shorter_one(month: str):
    now = datetime.fromisoformat(f"{month}T12:00:00+00:00")
    [(_, _, value)] = at("[('date', '=', 'today - 1 month')]", now)
    assert value in ("2026-02-28", "2026-04-30", "2024-02-29")


@pytest.mark.parametrize(
    "text",
    [
        "[('name', '=', 'today')]",
        "[('name', '>=', 'now - 2 hours')]",
        "[('country_id.code', 'in', ['now', 'today'])]",
        "[('country_id', 'ilike', 'start of month')]",
        "[('user_id.login', '=', 'today')]",  # nobody knows the type: only an order makes it a date
    ],
)
def test_a_text_that_reads_like_a_date_stays_a_text(text: str):
    assert at(text) == parse(text)


def test_a_path_that_nobody_knows_may_end_in_a_date():
    assert at("[('user_id.login_date', '>=', 'today - 1 day')]") == [
        ("user_id.login_date", ">=", "2026-11-23 00:00:00")
    ]


def test_relative_dates_are_found_inside_any_and_in_lists():
    text = "[('child_ids', 'any', [('date', 'in', ['today', '2026-01-01'])])]"
    assert at(text) == [("child_ids", "any", [("date", "in", ["2026-11-24", "2026-01-01"])])]
    assert domains.moves(bind(parse(text), "res.partner", fields_of))
    assert not domains.moves(bind(parse("[('name', '=', 'today')]"), "res.partner", fields_of))


@pytest.mark.parametrize("text", [text for text, _ in relative_dates.OFFERED])
def test_what_a_form_offers_is_understood(text: str):
    assert problems(f"[('write_date', '>=', '{text}')]") == []
    assert at(f"[('write_date', '>=', '{text}')]")[0][2] <= "2026-11-24 10:30:15"


@pytest.mark.parametrize(
    "text", ["[('date', '>', today - 7)]", "[('date', '>', context_today())]", "[('date', '>', 'a' + 'b')]"]
)
def test_a_domain_is_never_evaluated(text: str):
    with pytest.raises(DomainError):
        parse(text)


def test_the_models_on_a_path_are_asked_for():
    domain = parse("[('user_id.partner_id.name', '=', 'x'), ('country_id.code', '=', 'BE')]")
    assert domain_fields.unread(domain, "res.partner", fields_of) == {"res.users"}


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("[]", [("res_field", "=", False)]),
        ("[('res_model', '=', 'a')]", [("res_model", "=", "a"), ("res_field", "=", False)]),
        ("[('res_field', '=', 'image_1920')]", [("res_field", "=", "image_1920")]),
        ("[('id', 'in', [1, 2])]", [("id", "in", [1, 2])]),
    ],
)
def test_attachments_are_those_that_odoo_finds_by_the_domain_also_where_they_are_walked_through(
    domain: str, meant: Any
):
    assert domains.as_searched("ir.attachment", parse(domain)) == meant
    assert domains.as_searched("res.partner", parse(domain)) == parse(domain)
