"""Scripts with Odoo behind them: what they read and write, and with how many calls."""

import json
from typing import Any

import pytest

from demo.odoo import PracticeOdoo
from mappings.scripts import Input, Kind, Limits, Mode, Runner, Script
from mappings.scripts.bridge import Bridge
from mappings.scripts.data import DEFAULT
from mappings.scripts.worker import Refused
from synchub.errors import OdooPermanent, OdooRetryable
from synchub.odoo import OdooClient
from tests.scripts.conftest import ask


def partners(practice: PracticeOdoo, *fields: str) -> list[dict[str, Any]]:
    domain = [("country_id", "!=", False)]
    found: list[dict[str, Any]] = practice.execute(
        "res.partner", "search_read", domain, fields=list(fields), load="", order="id"
    )
    return found


def test_a_page_is_one_read_for_each_model(practice: PracticeOdoo, client: OdooClient) -> None:
    rows = partners(practice, "name", "country_id")
    source = "record.country_id.code + record.country_id.name + (record.city or '')"
    outcomes = ask(client, "res.partner", source, rows)
    assert len(rows) > 10
    assert all(outcome.error is None for outcome in outcomes), outcomes
    countries = {
        row["id"]: row for row in practice.execute("res.country", "search_read", [], fields=["code", "name"])
    }
    cities = {row["id"]: row["city"] for row in partners(practice, "city")}
    for row, outcome in zip(rows, outcomes, strict=True):
        country = countries[row["country_id"]]
        assert outcome.value == country["code"] + country["name"] + (cities[row["id"]] or "")
    assert practice.calls.counts() == {
        "res.partner.fields_get": 1,
        "res.country.fields_get": 1,
        "res.country.read": 1,
        "res.partner.read": 1,
    }


def test_fields_that_are_known_need_not_be_asked_for(practice: PracticeOdoo, client: OdooClient) -> None:
    facts = {model: client.fields_get(model) for model in ("res.partner", "res.country")}
    practice.calls.clear()
    rows = partners(practice, "name", "country_id")
    outcomes = ask(client, "res.partner", "record.country_id.code", rows, fields=facts.__getitem__)
    assert all(outcome.error is None for outcome in outcomes)
    assert practice.calls.counts() == {"res.country.read": 1}


def test_lines_of_all_orders_are_read_together(practice: PracticeOdoo, client: OdooClient) -> None:
    orders = practice.execute("sale.order", "search_read", [], fields=["name"], load="")
    source = "sum(record.order_line.mapped(lambda line: line.price_unit * line.product_uom_qty))"
    outcomes = ask(client, "sale.order", source, orders)
    assert orders
    assert all(outcome.error is None for outcome in outcomes), outcomes
    assert practice.calls.count_of("sale.order", "read") == 1
    assert practice.calls.count_of("sale.order.line", "read") == 1
    lines = practice.execute("sale.order.line", "search_read", [], fields=["order_id", "price_unit", "product_uom_qty"], load="")  # fmt: skip
    for order, outcome in zip(orders, outcomes, strict=True):
        mine = [line for line in lines if line["order_id"] == order["id"]]
        assert outcome.value == pytest.approx(
            sum(line["price_unit"] * line["product_uom_qty"] for line in mine)
        )


def test_an_empty_relation_is_false_and_its_fields_are_empty(client: OdooClient) -> None:
    source = (
        "[bool(record.parent_id), record.parent_id.name, record.parent_id.parent_id.id, record.child_ids.ids]"
    )
    made = client.create("res.partner", [{"name": "Alone"}])
    assert ask(client, "res.partner", source, [{"id": made[0]}])[0].value == [False, False, False, []]


def test_dates_are_dates(client: OdooClient) -> None:
    source = (
        "(record.create_date + relativedelta(days=1) > record.create_date, record.create_date.year > 2000)"
    )
    assert ask(client, "res.partner", source, [{"id": 1}])[0].value == [True, True]


def test_searching_gives_records_that_are_read_together(practice: PracticeOdoo, client: OdooClient) -> None:
    source = "found = env['res.country'].search([('code', 'in', ['DE', 'FR'])], order='code')\nfound.mapped('code') + [found[0].name]"
    outcome = ask(client, "res.partner", source)[0]
    assert outcome.value[:2] == ["DE", "FR"]
    assert practice.calls.count_of("res.country", "read") == 1


def test_the_other_ways_to_ask(client: OdooClient) -> None:
    source = """
partner = env['res.partner'].browse(1)
gone = env['res.partner'].browse([1, 987654])
[
    partner.search_count([('id', '=', 1)]),
    partner.search_read([('id', '=', 1)], fields=['name'])[0]['id'],
    partner.read(['name'])[0]['id'],
    gone.exists().ids,
    env.uid == env.user.id,
    env.user.name != '',
    env['res.country'].name_search('German', limit=1)[0][1],
]
"""
    outcome = ask(client, "res.partner", source)[0]
    assert outcome.error is None
    assert outcome.value == [1, 1, 1, [1], True, True, "Germany"]


def test_a_record_that_is_gone_is_named(client: OdooClient) -> None:
    error = ask(client, "res.partner", "record.name", [{"id": 987654}])[0].error
    assert error is not None
    assert str(error) == "The record does not exist any more: res.partner(987654,)"


def test_a_script_that_executes_changes_odoo_once_for_each_record(
    practice: PracticeOdoo, client: OdooClient
) -> None:
    ids = client.create("res.partner", [{"name": "One"}, {"name": "Two"}])
    source = "record.write({'comment': 'seen ' + record.name})\nrecord.ref = 'R' + str(record.id)\nrecord.ref"
    practice.calls.clear()
    outcomes = ask(client, "res.partner", source, [{"id": one} for one in ids], mode=Mode.EXECUTE)
    assert [(outcome.value, outcome.error) for outcome in outcomes] == [(None, None)] * 2
    assert practice.calls.count_of("res.partner", "write") == 4
    assert [row["ref"] for row in client.read("res.partner", ids, ["ref"])] == [f"R{one}" for one in ids]


def test_executing_creates_copies_calls_and_deletes(practice: PracticeOdoo, client: OdooClient) -> None:
    source = """
made = env['res.partner'].create({'name': 'From a script'})
if made.name != 'From a script':
    raise UserError('not read back')
made.write({'name': 'Renamed'})
if made.name != 'Renamed':
    raise UserError('an old value was kept')
env['res.partner'].create([{'name': 'A'}, {'name': 'B'}]).unlink()
made.toggle_active() if False else made.action_archive()
"""
    outcome = ask(client, "res.partner", source, mode=Mode.EXECUTE)[0]
    assert outcome.error is None
    found = practice.execute(
        "res.partner", "search_read", [("name", "in", ["Renamed", "A", "B"]), ("active", "=", False)], fields=["name"]
    )  # fmt: skip
    assert [row["name"] for row in found] == ["Renamed"]


@pytest.mark.parametrize(
    "source",
    ["record.write({'name': 'x'})", "record.name = 'x'\n1", "env['res.partner'].create({'name': 'x'})", "record.unlink()",
     "record.action_archive()", "record.call('write', {'name': 'x'})", "record.copy()", "setattr(record, 'name', 'x')"],
)  # fmt: skip
def test_a_script_that_evaluates_changes_nothing(
    practice: PracticeOdoo, client: OdooClient, source: str
) -> None:
    error = ask(client, "res.partner", source, [{"id": 1}])[0].error
    assert error is not None
    assert "execute" in str(error)
    assert not practice.calls.counts().keys() & {
        "res.partner.write",
        "res.partner.create",
        "res.partner.unlink",
    }


@pytest.mark.parametrize(
    "asked",
    [{"what": "create", "rows": [{"name": "x"}]}, {"what": "write", "ids": [1], "values": {"name": "x"}},
     {"what": "unlink", "ids": [1]}, {"what": "copy", "ids": [1], "values": {}}],
    ids=lambda asked: asked["what"],
)  # fmt: skip
def test_whatever_a_sandbox_asks_the_hub_lets_only_scripts_that_execute_change_odoo(
    practice: PracticeOdoo, client: OdooClient, asked: dict[str, Any]
) -> None:
    bridge = Bridge(client, DEFAULT, None, {})
    bridge.begin(frozenset(), changes=False)
    with pytest.raises(Refused, match="may change Odoo"):
        bridge.answer(json.dumps({"model": "res.partner", "context": None} | asked))
    assert not practice.calls.counts()


def test_private_methods_of_odoo_cannot_be_called(client: OdooClient) -> None:
    error = ask(client, "res.partner", "record._compute_display_name()", [{"id": 1}], mode=Mode.EXECUTE)[
        0
    ].error
    assert error is not None
    assert "private" in str(error)


def test_what_odoo_refuses_is_said_in_its_own_words_with_the_line(client: OdooClient) -> None:
    source = "x = 1\nrecord.write({'no_such_field': 1})"
    error = ask(client, "res.partner", source, [{"id": 1}], mode=Mode.EXECUTE)[0].error
    assert error is not None
    assert (error.kind, error.line) == (Kind.ODOO, 2)
    assert isinstance(error.odoo, OdooPermanent)
    assert error.odoo.message in str(error)


def test_a_refusal_of_odoo_can_be_caught(client: OdooClient) -> None:
    source = "try:\n    env['no.such.model'].search([])\nexcept UserError as error:\n    'caught'"
    assert ask(client, "res.partner", source)[0].value == "caught"


def test_an_odoo_that_is_away_ends_the_script_whatever_it_catches(
    practice: PracticeOdoo, client: OdooClient
) -> None:
    practice.faults.arm("away", times=-1)
    source = "try:\n    record.name\nexcept BaseException:\n    pass\n'went on'"
    outcomes = ask(client, "res.partner", source, [{"id": 1}, {"id": 2}])
    for outcome in outcomes:
        assert outcome.error is not None
        assert outcome.error.kind is Kind.ODOO
        assert isinstance(outcome.error.odoo, OdooRetryable)


def test_records_that_do_not_need_odoo_have_values_while_it_is_away(
    practice: PracticeOdoo, client: OdooClient
) -> None:
    practice.faults.arm("away", times=-1)
    source = "record.name if record.id == 2 else record.id"
    outcomes = ask(
        client, "res.partner", source, [{"id": 1}, {"id": 2}, {"id": 3}],
        fields={"res.partner": {"name": {"type": "char"}}}.__getitem__,
    )  # fmt: skip
    assert [outcome.value for outcome in outcomes] == [1, None, 3]


def test_calls_to_odoo_are_limited_for_a_record_and_for_a_batch(
    practice: PracticeOdoo, client: OdooClient
) -> None:
    source = "for number in range(50):\n    try:\n        env['res.partner'].search_count([('id', '=', number)])\n    except BaseException:\n        pass\n1"
    limits = Limits(calls=5, calls_per_batch=12)
    outcomes = ask(client, "res.partner", source, [{"id": n} for n in (1, 2, 3, 4)], limits=limits)
    errors = [str(outcome.error) for outcome in outcomes]
    assert "more than 5 times for one record" in errors[0]
    assert "for one batch" in errors[-1]
    assert practice.calls.count_of("res.partner", "search_count") <= 12


def test_without_odoo_a_script_that_asks_it_says_so() -> None:
    with Runner(model="res.partner") as runner:
        error = runner.run(Script("env['res.partner'].search([]).ids"), Input({"id": 1})).error
    assert error is not None
    assert error.kind is Kind.ODOO
    assert "Odoo is not available here" in str(error)


def test_records_are_not_values_to_send(client: OdooClient) -> None:
    source = "record.write({'parent_id': record})"
    error = ask(client, "res.partner", source, [{"id": 1}], mode=Mode.EXECUTE)[0].error
    assert error is not None
    assert ".id" in str(error)


def test_a_context_is_another_view_of_the_same_record(practice: PracticeOdoo, client: OdooClient) -> None:
    source = "[record.name, record.with_context(active_test=False).name]"
    outcome = ask(client, "res.partner", source, [{"id": 1}])[0]
    assert outcome.value[0] == outcome.value[1]
    assert practice.calls.count_of("res.partner", "read") == 2
