"""Scripts that do harm, on purpose or not: each stops, and says at what."""

import os

import pytest

from mappings.scripts import Input, Kind, Limits, Runner, Script
from tests.scripts.conftest import BRIEF, Evaluate

ENDLESS = {
    "an endless loop": "while True:\n    pass\n1",
    "an endless loop that catches everything": "while True:\n    try:\n        while True: pass\n    except BaseException:\n        pass\n1",
    "a limit caught once": "try:\n    while True: pass\nexcept BaseException:\n    pass\n1",
    "a loop in finally": "def f():\n    try:\n        while True: pass\n    finally:\n        while True: pass\nf()",
    "a list without end": "x = []\nwhile True:\n    x.append('a' * 1000)\n1",
    "a text without end": "x = 'a'\nwhile True:\n    x += x\n1",
    "a huge text": "'a' * 10**9",
    "a huge number": "10**10**8",
    "a huge shift": "1 << 10**12",
    "a huge list": "[0] * 10**10",
    "a huge format": "'%1000000000d' % 3",
    "a long sum": "sum(range(10**12))",
    "a long iterator": "import itertools\nlist(itertools.count())",
    "slow digests": "hashlib.pbkdf2_hmac('sha256', b'a', b'b', 10**9)",
    "sleep": "time.sleep(3600)\n1",
    "sleep, caught": "try:\n    time.sleep(3600)\nexcept BaseException:\n    pass\n1",
    "print without end": "while True:\n    print('x' * 100)\n1",
    "print without end, caught": "while True:\n    try:\n        print('x' * 100)\n    except BaseException:\n        pass\n1",
    "recursion": "def f():\n    return f()\nf()",
    "a value that unfolds": "x = ['a' * 10] * 10\nfor _ in range(12):\n    x = [x] * 10\nx",
    "an object that unfolds": "x = {}\nfor _ in range(22):\n    x = {'a': x, 'b': x, 'c': x, 'd': x}\nx",
    "a text of what unfolds": "x = ['a']\nfor _ in range(12):\n    x = [x] * 10\nstr(x)",
    "two that unfold, compared": "def f():\n    x = ['a'] * 10\n    for _ in range(12):\n        x = [x] * 10\n    return x\nf() == f()",
    "a question that unfolds": "x = ['a'] * 10\nfor _ in range(12):\n    x = [x] * 10\nenv['m'].search([('a', '=', x)])",
    "a number that is powered": "pow(7, 10**6000, 10**5000)",
    "a class that compares without end": "class A:\n    def __eq__(self, other):\n        while True: pass\nA() == A()",
    "a class that iterates without end": "class A:\n    def __iter__(self):\n        return self\n    def __next__(self):\n        return 1\nlist(A())",
    "a sort key without end": "def f(x):\n    while True: pass\nsorted([1, 2], key=f)",
}  # fmt: skip


@pytest.mark.parametrize("source", ENDLESS.values(), ids=ENDLESS)
def test_it_stops_at_its_limit(evaluate: Evaluate, source: str) -> None:
    error = evaluate(source).error
    assert error is not None
    assert error.kind is Kind.LIMIT, str(error)


@pytest.mark.parametrize(
    "source",
    [
        "import re\nre.match(r'(a+)+\\1$', 'a' * 40 + 'b')",
        "import re\nre.search(r'(?=(a+))a*b\\1', 'a' * 30000)",
        "import re\nre.compile('(a{1000}){1000}')",
    ],
)
def test_a_pattern_without_end_is_given_up(evaluate: Evaluate, source: str) -> None:
    assert evaluate(source).error is not None


def test_a_value_of_30_megabytes_is_refused(evaluate: Evaluate) -> None:
    error = evaluate("['a' * 1000] * 30000").error
    assert error is not None
    assert error.kind in (Kind.VALUE, Kind.LIMIT)
    with Runner(model="m", limits=Limits(memory=512 * 2**20)) as runner:
        error = runner.run(Script("'a' * 30_000_000"), Input()).error
    assert error is not None
    assert error.kind is Kind.VALUE
    assert "too large" in str(error)


def test_a_text_longer_than_any_date_is_read_for_none(evaluate: Evaluate) -> None:
    """That is done outside of the sandbox, and would take minutes for some megabytes."""
    error = evaluate("dateutil.parser.parse('2026-05-03 10:00:00.' + '1' * 400)").error
    assert "is no date" in str(error)
    assert evaluate("dateutil.parser.parse('2026-05-03' + ' ' * 400).year").value == 2026


FORBIDDEN = {
    "files": "open('/etc/passwd').read()",
    "files by path": "from pathlib import Path\nPath('/etc/passwd').read_text()",
    "the system": "import os\nos.environ",
    "the interpreter": "import sys\nsys.modules",
    "processes": "import subprocess",
    "the network": "import socket",
    "hidden import": "__import__('os')",
    "code in texts": "eval('1')",
    "code in texts, run": "exec('import os')\n1",
    "classes of values": "().__class__.__base__.__subclasses__()",
    "the frame of a function": "(lambda: 1).__globals__",
    "inside names": "_hub_ask('{}')",
    "inside names, by binding": "_hub_true = 1\n1",
    "what a run may do": "_HUB['execute'] = True\nrecord.write({'name': 'x'})",
    "how much it may give": "_HUB_LIMITS['value'] = 10**9\n'a' * 30_000_000",
    "inside classes": "_HubEnv()",
    "names of all runs": "global x\nx = 1\n1",
    "names of the module": "globals()",
}


@pytest.mark.parametrize("source", FORBIDDEN.values(), ids=FORBIDDEN)
def test_it_is_refused_before_it_runs(evaluate: Evaluate, source: str) -> None:
    error = evaluate(source).error
    assert error is not None
    assert error.kind is Kind.SYNTAX
    assert "not available" in str(error) or "taken" in str(error)


@pytest.mark.parametrize(
    "source",
    [
        "getattr((), '__class__')",
        "getattr(record, '__class__')",
        "getattr(record, '_i')",
        "getattr(env, '_c').x",
        "'{0.__class__}'.format(3)",
        "'{0._m}'.format(record)",
        "record._i",
        "env._c.x",
        "Command.create.__self__" if False else "getattr(Command.create, '__self__')",
    ],
)
def test_tricks_with_attributes_find_nothing(evaluate: Evaluate, source: str) -> None:
    outcome = evaluate(source)
    assert outcome.error is not None or outcome.value == "order"


def test_the_environment_of_the_hub_is_not_in_the_sandbox(
    evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_TEST_SECRET", "s3cret")
    for module in ("typing", "collections", "functools", "random", "copy"):
        outcome = evaluate(f"import {module}\n{module}.os.environ['HUB_TEST_SECRET']")
        assert outcome.error is not None
        assert "s3cret" not in str(outcome.error)


@pytest.mark.parametrize(
    "source",
    [
        "(" * 5000 + ")" * 5000,
        "-" * 20_000 + "1",
        "[" * 150 + "]" * 150,
        "x = 1\n" * 20_000,
        "1+" * 10_000 + "1",
    ],
    ids=["brackets", "signs", "lists", "long", "sum"],
)
def test_a_script_too_deep_or_too_long_is_refused(evaluate: Evaluate, source: str) -> None:
    error = evaluate(source).error
    assert error is not None
    assert error.kind in (Kind.SYNTAX, Kind.VALUE)


def test_what_happened_to_one_script_leaves_the_next_alone() -> None:
    with Runner(model="m", limits=BRIEF) as runner:
        for _ in range(3):
            assert runner.run(Script("'a' * 10**9"), Input()).error is not None
            assert runner.run(Script("record.id"), Input({"id": 4})).value == 4


def test_a_process_forked_after_scripts_ran_says_so_instead_of_waiting(evaluate: Evaluate) -> None:
    assert evaluate("1").value == 1
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with Runner(model="m") as runner:
            said = str(runner.run(Script("1"), Input()).error)
        os.write(writing, said.encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    assert b"started anew" in os.read(reading, 1000)
    os.close(reading)
