"""Examples beside a script: does it do what its author wants?"""

from mappings.scripts import Example, Input, Kind, Script, run_examples


def test_an_example_passes_or_shows_what_came_instead() -> None:
    script = Script("(record.phone or '').replace(' ', '') or None")
    results = run_examples(
        script,
        [
            Example(Input({"id": 1, "phone": "030 12"}), "03012"),
            Example(Input({"id": 2, "phone": False}), None),
            Example(Input({"id": 3, "phone": "1"}), "2"),
            Example(Input({"id": 4, "phone": 5}), "5"),
        ],
    )
    assert [result.passed for result in results] == [True, True, False, False]
    assert results[2].got == "1"
    assert results[3].error is not None
    assert results[3].error.kind is Kind.RAISED


def test_relations_are_written_into_the_example() -> None:
    record = {
        "id": 1,
        "partner_id": {"id": 2, "country_id": {"id": 3, "code": "DE"}},
        "order_line": [{"id": 4, "qty": 2}],
    }
    script = Script("[record.partner_id.country_id.code, sum(record.order_line.mapped('qty'))]")
    assert run_examples(script, [Example(Input(record), ["DE", 2])])[0].passed


def test_true_is_not_one() -> None:
    assert not run_examples(Script("1 == 1"), [Example(Input(), 1)])[0].passed
    assert run_examples(Script("[1.0]"), [Example(Input(), [1])])[0].passed
