"""What a script sees of a record, and what it gives back."""

import pytest

from mappings.scripts import Kind, Outcome
from tests.scripts.conftest import Evaluate


def value(outcome: Outcome) -> object:
    assert outcome.error is None, outcome.error
    return outcome.value


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("record.name.lower()", "s00001"),
        ("record['name']", "S00001"),
        ("record.id", 1),
        ("record.note or 'nothing'", "nothing"),
        ("record.partner.name", "Azure"),
        ("record.partner.id", 7),
        ("record.lines.mapped('price')", [2.0, 1.0]),
        ("record.lines.mapped('product.name')", ["Chair", "Ash"]),
        ("record.lines.mapped(lambda line: line.price * 2)", [4.0, 2.0]),
        ("record.lines.product.mapped('id')", [4, 5]),
        ("record.lines.filtered(lambda line: line.price > 1).ids", [1]),
        ("record.lines.filtered('product').ids", [1, 2]),
        ("record.lines.sorted('price').ids", [2, 1]),
        ("record.lines.sorted('price desc').ids", [1, 2]),
        ("record.lines.sorted(key=lambda line: line.product.name).ids", [2, 1]),
        ("[line.price for line in record.lines if line.product]", [2.0, 1.0]),
        ("sum(line.price for line in record.lines)", 3.0),
        ("len(record.lines)", 2),
        ("record.lines[0].price", 2.0),
        ("record.lines[-1:].ids", [2]),
        ("max(record.lines, key=lambda line: line.price).id", 1),
        ("sorted(record.lines, key=lambda line: line.product.name)[0].id", 2),
        ("(record.lines[0] | record.lines[0] | record.lines[1]).ids", [1, 2]),
        ("(record.lines[0] + record.lines[0]).ids", [1, 1]),
        ("(record.lines - record.lines[0]).ids", [2]),
        ("(record.lines & record.lines[1]).ids", [2]),
        ("record.lines[0] in record.lines", True),
        ("record.lines[0] == record.lines[1]", False),
        ("{line.product: line.id for line in record.lines}[record.lines[1].product]", 2),
        ("{k.id: v.ids for k, v in record.lines.grouped('product').items()}", None),
        ("f'{record.amount:.2f} {record.partner.name!r}'", "12.50 'Azure'"),
        (
            "getattr(record, 'name'), getattr(record, 'nosuch', 'x'), hasattr(record, 'name')",
            ["S00001", "x", True],
        ),
        ("str(record)", "order(1,)"),
        ("record == records, model._name, record._name", [True, "order", "order"]),
    ],
)
def test_a_record_behaves_as_in_odoo(evaluate: Evaluate, source: str, expected: object) -> None:
    if expected is None:
        assert evaluate(source).error is not None  # ids as keys are not text: said, not turned into text
    else:
        assert value(evaluate(source)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("'yes' if record.lines else 'no'", "yes"),
        ("'yes' if record.partner.tags else 'no'", "no"),
        ("not record.lines.filtered(lambda line: line.price > 99)", True),
        ("bool(record.lines.filtered(lambda line: False))", False),
        ("(record.lines.filtered(lambda line: False) or record.lines).ids", [1, 2]),
        ("record.lines.filtered(lambda line: False) and 1 or 2", 2),
        ("[x for x in [1] if record.lines.filtered(lambda line: False)]", []),
        ("[y for y in (record.lines.filtered(lambda l: False) or [3])]", [3]),
        ("any([record.lines.filtered(lambda line: False)])", False),
        ("all([record.lines, record.lines[:0]])", False),
        ("len(list(filter(None, [record.lines[:0], record.lines])))", 1),
        ("n = 0\nwhile record.lines[n:]:\n    n += 1\nn", 2),
        ("record.lines[:0].ids, record.lines[:0].id", [[], False]),
        ("record.lines[:0].price", False),
    ],
)
def test_an_empty_set_of_records_counts_as_false_everywhere(
    evaluate: Evaluate, source: str, expected: object
) -> None:
    assert value(evaluate(source)) == expected


def test_without_a_record_there_is_an_empty_one(evaluate: Evaluate) -> None:
    assert value(evaluate("'there' if record else 'none'", record=None)) == "none"


def test_one_of_several_records_has_to_be_chosen(evaluate: Evaluate) -> None:
    error = evaluate("record.lines.price").error
    assert error is not None
    assert "Expected singleton: order.lines(1, 2)" in str(error)


def test_the_last_expression_of_every_branch_is_the_value(evaluate: Evaluate) -> None:
    source = "if record.amount > 10:\n    'large'\nelif record.amount > 5:\n    'medium'\nelse:\n    'small'"
    assert value(evaluate(source)) == "large"
    assert value(evaluate(source, {"id": 1, "amount": 7})) == "medium"
    assert value(evaluate(source, {"id": 1, "amount": 1})) == "small"


def test_return_gives_a_value_early(evaluate: Evaluate) -> None:
    assert (
        value(evaluate("for line in record.lines:\n    if line.price < 2:\n        return line.id\nNone"))
        == 2
    )


def test_a_zone_that_is_named_by_letters_alone_is_no_other_time_in_silence(evaluate: Evaluate) -> None:
    error = evaluate("dateutil.parser.parse('2026-05-03 10:00 EST')").error
    assert str(error) == "EST may be the clock of several places: write +01:00, or leave it out"


def test_request_data_is_what_was_sent(evaluate: Evaluate) -> None:
    sent = {"address": {"city": "Berlin"}, "list": [1, 2]}
    assert value(evaluate("request_data['address']['city'].upper()", request_data=sent)) == "BERLIN"
    assert value(evaluate("request_data.get('address')")) is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("datetime.date(2026, 1, 31) + relativedelta(months=1)", "2026-02-28"),
        ("datetime.datetime(2026, 3, 31, 8, 30) - relativedelta(months=1)", "2026-02-28T08:30:00Z"),
        ("import dateutil.relativedelta\ndatetime.date(2026, 1, 31) + dateutil.relativedelta.relativedelta(day=1)", "2026-01-01"),
        ("from dateutil.relativedelta import relativedelta as rd\ndatetime.date(2024, 2, 29) + rd(years=1)", "2025-02-28"),
        ("dateutil.parser.parse('3 May 2026 10:00')", "2026-05-03T10:00:00Z"),
        ("dateutil.parser.parse('Sun, 03 May 2026 10:00:00 -0500 (EST)')", "2026-05-03T15:00:00Z"),
        ("dateutil.parser.parse('2026-05-03 10:00 GMT')", "2026-05-03T10:00:00Z"),
        ("timezone('Europe/Paris').localize(datetime.datetime(2026, 7, 1, 12))", "2026-07-01T10:00:00Z"),
        # The hour that comes twice, and the one that does not exist, as pytz reads them.
        ("timezone('Europe/Paris').localize(datetime.datetime(2026, 10, 25, 2, 30))", "2026-10-25T01:30:00Z"),
        ("timezone('Europe/Paris').localize(datetime.datetime(2026, 10, 25, 2, 30), is_dst=True)", "2026-10-25T00:30:00Z"),
        ("timezone('Europe/Paris').localize(datetime.datetime(2026, 3, 29, 2, 30))", "2026-03-29T01:30:00Z"),
        ("timezone('Europe/Paris').localize(datetime.datetime(2026, 3, 29, 2, 30), True)", "2026-03-29T00:30:00Z"),
        ("timezone('Europe/Paris').localize(datetime.datetime(2026, 7, 1, 12), is_dst=None)", "2026-07-01T10:00:00Z"),
        ("datetime.datetime(2026, 1, 1, 12).astimezone(timezone('Europe/Paris')).hour", 13),
        ("import pytz\npytz.timezone('Asia/Tokyo').localize(datetime.datetime(2026, 1, 1))", "2025-12-31T15:00:00Z"),
        ("from datetime import timezone, datetime, timedelta\ndatetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(days=1)", "2026-01-02T00:00:00Z"),
        ("datetime.datetime.fromtimestamp(0)", "1970-01-01T00:00:00Z"),
        ("float_compare(0.1 + 0.2, 0.3, precision_digits=2)", 0),
        ("float_compare(1.234, 1.236, precision_digits=2)", -1),
        ("from odoo.tools import float_round\nfloat_round(2.675, precision_digits=2)", 2.68),
        ("b64encode('Grüße').decode()", "R3LDvMOfZQ=="),
        ("b64decode('R3LDvMOfZQ==').decode()", "Grüße"),
        ("[Command.create({'a': 1}), Command.link(3), Command.set([4])]", [[0, 0, {"a": 1}], [4, 3, 0], [6, 0, [4]]]),
        ("re.sub(r'[^0-9]', '', '+49 (30) 12')", "493012"),
        ("json.loads('[1]') + [math.floor(2.5)]", [1, 2]),
        ("hashlib.sha256(b'x').hexdigest()[:6]", "2d7116"),
        ("from decimal import Decimal\nstr(Decimal('1.10') * 2)", "2.20"),
        ("sorted(['b', 'A'], key=str.lower)", ["A", "b"]),
        ("values = {'a': 1, 'b': 2}\ndel values['a']\nvalues", {"b": 2}),
        ("words = ['bb', 'a']\nwords.sort(key=lambda word: len(word))\nwords", ["a", "bb"]),
        ("class Pair:\n    def __init__(self, a):\n        self.a = a\n    def twice(self):\n        return self.a * 2\nPair(4).twice()", 8),
    ],
)  # fmt: skip
def test_names_that_odoo_scripts_use_are_there(evaluate: Evaluate, source: str, expected: object) -> None:
    assert value(evaluate(source)) == expected


def test_now_is_now_in_utc(evaluate: Evaluate) -> None:
    source = "a = datetime.datetime.now()\nb = datetime.datetime.utcnow()\nabs((b - a).total_seconds()) < 60"
    assert value(evaluate(source)) is True


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("a = 1\nb = (2 +\n  3)\nb / (a - 1)", 4, "ZeroDivisionError: division by zero"),
        ("record.lines.mapped(\n    lambda line: line.price / 0)", 2, "division by zero"),
        ("def f(x):\n    return x['no']\n\nf({})", 2, "KeyError: no"),
        ("x = 1\nrecord.colour", 2, "order has no field “colour”"),
        ("x = 1\nunknown_name", 2, "unknown_name"),
    ],
)
def test_an_error_names_the_line_of_the_script(evaluate: Evaluate, source: str, line: int, said: str) -> None:
    error = evaluate(source).error
    assert error is not None
    assert (error.kind, error.line) == (Kind.RAISED, line)
    assert said in str(error)
    assert f"Line {line} of the script" in str(error)


def test_a_user_error_keeps_its_text(evaluate: Evaluate) -> None:
    error = evaluate("raise UserError('Bitte eine Menge über 0 angeben: 5 € fehlen')").error
    assert error is not None
    assert str(error) == "Bitte eine Menge über 0 angeben: 5 € fehlen"
    assert error.kind is Kind.USER


def test_a_user_error_without_a_text_says_at_least_that(evaluate: Evaluate) -> None:
    assert str(evaluate("raise UserError()").error) == "refused, without a reason"


def test_a_user_error_can_be_caught(evaluate: Evaluate) -> None:
    source = "try:\n    raise UserError('x')\nexcept UserError as error:\n    str(error)"
    assert value(evaluate(source)) == "x"


def test_what_a_script_prints_comes_with_its_outcome(evaluate: Evaluate) -> None:
    assert evaluate("print('amount', record.amount)\n1").printed == "amount 12.5\n"
    assert evaluate("print('before')\n1 / 0").printed == "before\n"
