"""A page of records is one run of the sandbox, and yet each record stands for itself."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from launcher import system
from mappings.scripts import Input, Kind, Limits, Runner, Script
from mappings.scripts.pool import LONGEST_WAIT, MOST_WORKERS
from tests.launcher.conftest import name_of
from tests.scripts.conftest import BRIEF


def test_a_page_of_thousands_gives_each_its_value_in_order() -> None:
    inputs = [Input({"id": number, "name": f"n{number}"}) for number in range(1, 3001)]
    with Runner(model="m") as runner:
        outcomes = runner.run_many(Script("record.name + str(record.id)"), inputs)
    assert [outcome.value for outcome in outcomes] == [f"n{n}{n}" for n in range(1, 3001)]


def test_records_that_fail_do_not_hurt_the_others() -> None:
    inputs = [Input({"id": number, "by": number % 3}) for number in range(1, 10)]
    with Runner(model="m") as runner:
        outcomes = runner.run_many(Script("print(record.id)\n12 / record.by"), inputs)
    for given, outcome in zip(inputs, outcomes, strict=True):
        assert given.record is not None
        assert (outcome.error is not None) == (given.record["by"] == 0)
        assert outcome.printed == f"{given.record['id']}\n"


@pytest.mark.parametrize(
    ("source", "good", "bad", "words"),
    [
        (
            "datetime.datetime.fromisoformat(request_data).astimezone(timezone('Asia/Tokyo')).isoformat()",
            "2026-01-31 08:00:00",
            "9999-12-31 23:59:59",
            "9999-12-31T23:59:59 is before or after all that the calendar of Asia/Tokyo has",
        ),
        (
            "dateutil.parser.parse(request_data).isoformat()",
            "2026-01-31T08:00:00",
            "2026-01-31T08:00:00+99:00",
            "is no date",
        ),
        ("record.call(request_data)", "nosuch", 5, "this cannot be asked so"),
    ],
)
def test_what_the_hub_cannot_answer_one_record_leaves_the_others_alone(
    source: str, good: str, bad: Any, words: str
) -> None:
    source = source.replace("request_data", "request_data['it']")
    with Runner(model="m") as runner:
        alone = runner.run(Script(source), Input({"id": 1}, {"it": good}))
        first, refused, last = runner.run_many(
            Script(source), [Input({"id": n}, {"it": it}) for n, it in enumerate((good, bad, good), 1)]
        )
    assert words in str(refused.error)
    assert [(one.value, str(one.error)) for one in (first, last)] == [(alone.value, str(alone.error))] * 2


def test_one_endless_record_stops_at_its_limit_and_the_others_have_values() -> None:
    source = "while record.stuck:\n    pass\nrecord.id"
    inputs = [Input({"id": number, "stuck": number == 3}) for number in range(1, 8)]
    with Runner(model="m", limits=BRIEF) as runner:
        outcomes = runner.run_many(Script(source), inputs)
    assert [outcome.value for outcome in outcomes] == [1, 2, None, 4, 5, 6, 7]
    error = outcomes[2].error
    assert error is not None
    assert error.kind is Kind.LIMIT
    assert "longer than 0.5 seconds" in str(error)


def test_a_batch_of_endless_records_stops_at_the_limit_of_the_batch() -> None:
    limits = Limits(seconds=0.2, seconds_per_batch=1.0)
    with Runner(model="m", limits=limits) as runner:
        outcomes = runner.run_many(
            Script("while True:\n    pass\n1"), [Input({"id": n}) for n in range(1, 50)]
        )
    assert all(outcome.error is not None and outcome.error.kind is Kind.LIMIT for outcome in outcomes)
    assert "for one batch" in str(outcomes[-1].error)


def test_one_record_sees_nothing_that_another_left() -> None:
    source = "seen = request_data.setdefault('seen', [])\nseen.append(record.id)\nlen(seen)"
    with Runner(model="m") as runner:
        outcomes = runner.run_many(Script(source), [Input({"id": n}) for n in range(1, 5)])
    assert [outcome.value for outcome in outcomes] == [1, 1, 1, 1]


def test_several_scripts_share_one_runner() -> None:
    with Runner(model="m") as runner:
        first = runner.run(Script("record.a + 1"), Input({"id": 1, "a": 1}))
        second = runner.run(Script("record.b * 2"), Input({"id": 1, "b": "x"}))
        again = runner.run(Script("record.a + 1"), Input({"id": 1, "a": 5}))
    assert [first.value, second.value, again.value] == [2, "xx", 6]


def test_a_runner_works_again_after_a_limit() -> None:
    with Runner(model="m", limits=BRIEF) as runner:
        assert runner.run(Script("while True: pass\n1"), Input()).error is not None
        assert runner.run(Script("1 + 1"), Input()).value == 2


def test_large_records_go_in_smaller_pages() -> None:
    inputs = [Input({"id": number, "text": "x" * 400_000}) for number in range(1, 40)]
    with Runner(model="m") as runner:
        outcomes = runner.run_many(Script("len(record.text)"), inputs)
    assert [outcome.value for outcome in outcomes] == [400_000] * 39


def test_a_script_that_is_wrong_fails_every_record_with_its_line() -> None:
    with Runner(model="m") as runner:
        outcomes = runner.run_many(Script("x = (1\n"), [Input(), Input()])
    assert [outcome.error.kind for outcome in outcomes if outcome.error] == [Kind.SYNTAX, Kind.SYNTAX]


def test_a_record_that_comes_twice_is_seen_as_it_was_each_time() -> None:
    inputs = [Input({"id": 1, "name": "old"}), Input({"id": 2, "name": "x"}), Input({"id": 1, "name": "new"})]
    with Runner(model="m") as runner:
        outcomes = runner.run_many(Script("record.name"), inputs)
    assert [outcome.value for outcome in outcomes] == ["old", "x", "new"]


def test_a_record_without_an_id_is_an_error_of_its_own() -> None:
    with Runner(model="m") as runner:
        outcomes = runner.run_many(
            Script("record.name"), [Input({"name": "x"}), Input({"id": 1, "name": "y"})]
        )
    assert "no id" in str(outcomes[0].error)
    assert outcomes[1].value == "y"


def test_threads_run_scripts_side_by_side() -> None:
    def run(number: int) -> object:
        with Runner(model="m") as runner:
            return runner.run(Script("record.id * 2"), Input({"id": number})).value

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(run, range(1, 41))) == [number * 2 for number in range(1, 41)]


def test_a_value_without_a_form_fails_alone_whatever_the_others_give_and_print() -> None:
    source = (
        "print(record.id)\n"
        "if record.id == 2: raise ValueError('no')\n"
        "values = {1: 'a', 3: record, 4: {1: 'x'}, 5: datetime.date(2026, 1, 31), 6: [float('nan')], 7: {'1': 'b'}}\n"
        "values[record.id]"
    )
    with Runner(model="m") as runner:
        outcomes = runner.run_many(Script(source), [Input({"id": number}) for number in range(1, 8)])
    assert [outcome.value for outcome in outcomes] == ["a", None, None, None, "2026-01-31", None, {"1": "b"}]
    assert [outcome.printed for outcome in outcomes] == [f"{number}\n" for number in range(1, 8)]
    said = [str(outcome.error or "") for outcome in outcomes]
    for place, part in {1: "ValueError: no", 2: "set of records", 3: "not text", 5: "not finite"}.items():
        assert part in said[place], said
    assert not any(said[place] for place in (0, 4, 6))


def test_how_deep_a_value_is_does_not_depend_on_brackets_in_texts() -> None:
    texts = ["[" * 40, "]}" * 30, "[FURN_001] {Desk", "plain"]
    deep = "x = record.text\nfor _ in range(record.levels):\n    x = [x]\nx"
    inputs = [Input({"id": n, "text": text, "levels": 20}) for n, text in enumerate(texts, 1)]
    with Runner(model="m") as runner:
        outcomes = runner.run_many(Script(deep), [*inputs, Input({"id": 9, "text": "", "levels": 60})])
    for text, outcome in zip(texts, outcomes, strict=False):
        value = outcome.value
        for _ in range(20):
            [value] = value
        assert value == text
    assert "too deeply" in str(outcomes[-1].error)


def test_a_sandbox_that_was_ended_while_it_waited_is_no_fault_of_the_script() -> None:
    with Runner(model="m") as runner:
        assert runner.run(Script("record.id"), Input({"id": 1})).value == 1
    for pid in system.descendants(os.getpid()):
        if "monty" in name_of(pid):
            os.kill(pid, signal.SIGKILL)
    for number in range(3):
        with Runner(model="m") as runner:
            assert runner.run(Script("record.id"), Input({"id": number})).value == number


def test_a_script_finds_a_sandbox_as_soon_as_others_are_given_up() -> None:
    def run(number: int) -> object:
        with Runner(model="m") as runner:
            return runner.run(Script("record.id"), Input({"id": number})).value

    with ExitStack() as runners:
        for number in range(MOST_WORKERS):
            runner = runners.enter_context(Runner(model="m"))
            assert runner.run(Script("record.id"), Input({"id": number})).value == number
    with ThreadPoolExecutor(1) as thread:
        # Before the one that waits for a free process gives up, that is.
        assert thread.submit(run, 1).result(timeout=LONGEST_WAIT / 2) == 1
