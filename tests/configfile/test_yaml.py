"""What is wrong with the file as YAML is said with its line."""

import tracemalloc

import pytest

from endpoints.configfile.places import Findings, Node
from endpoints.configfile.read import read


def problems(text: str) -> list[str]:
    findings = Findings("hub.yaml")
    read(text, findings)
    return list(findings.shown_problems())


def value(text: str) -> object:
    findings = Findings("hub.yaml")
    node = read(text, findings)
    assert node is not None
    assert not findings.problems
    return plain(node)


def plain(node: Node) -> object:
    match node.value:
        case list():
            return [plain(item) for item in node.value]
        case dict():
            return {key: plain(item) for key, item in node.value.items()}
        case other:
            return other


def test_a_syntax_error_names_its_line():
    [problem] = problems("connections:\n  - name: [main\n")
    assert problem.startswith("hub.yaml:3: this is not YAML: expected ',' or ']'")


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "---\n"])
def test_an_empty_file_is_refused(text):
    assert problems(text) == ["hub.yaml:1: the file is empty"]


def test_a_key_that_stands_twice_is_refused_and_the_first_place_named():
    assert problems("endpoints:\n  - name: a\n    limit: 1\n    limit: 2\n") == [
        "hub.yaml:4: endpoints[0].limit: “limit” stands here twice; the first is in line 3"
    ]


def test_a_key_that_yaml_takes_for_true_is_refused():
    assert problems("endpoints:\n  - on: 1\n") == [
        "hub.yaml:2: endpoints[0]: the key “on” is no text for YAML; put it in quotes"
    ]


def test_two_documents_are_refused():
    [problem] = problems("a: 1\n---\nb: 2\n")
    assert "hub.yaml:2" in problem


def test_a_character_that_may_not_stand_in_yaml_is_named_with_its_line():
    assert problems("a: 1\nb: \x00\n") == ["hub.yaml:2: the character U+0000 may not stand in YAML"]


@pytest.mark.parametrize(
    ("operator", "hint"),
    [
        (">=", "has to stand in quotes"),
        ("!=", "has to stand in quotes"),
        ("*", "has to stand in quotes"),
    ],
)
def test_an_operator_without_quotes_gets_a_hint(operator, hint):
    [problem] = problems(f"a:\n  - {{operator: {operator} }}\n") or ["nothing"]
    assert hint in problem or "expected alphabetic" in problem


def test_an_equals_sign_and_a_date_stay_as_they_were_written():
    assert value("operator: =\nday: 2026-01-31\nless: <=\n") == {
        "operator": "=",
        "day": "2026-01-31",
        "less": "<=",
    }


@pytest.mark.parametrize("number", ["01234", "-012", "0x1F", "0b11", "12:30", "1:2.5"])
def test_a_number_that_yaml_takes_for_another_one_is_refused_and_not_shown(number):
    [problem] = problems(f"a:\n  b: {number}\n")
    assert problem.startswith("hub.yaml:2: a.b: this is another number to YAML than it looks")
    assert number not in problem
    assert value(f"b: '{number}'") == {"b": number}


def test_numbers_that_are_what_they_look_like_stay():
    assert value("a: [0, -5, 0.25, 10, 1_000, 1.5e+3]") == {"a": [0, -5, 0.25, 10, 1000, 1500.0]}


def test_anchors_and_merged_objects_work():
    assert value("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\nc: {<<: *x}\n") == {
        "a": {"p": 1, "q": 2},
        "b": {"p": 1, "q": 3},
        "c": {"p": 1, "q": 2},
    }


def test_aliases_of_aliases_do_not_fill_the_memory():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    assert problems("\n".join(lines)) == ["hub.yaml: the file is nested too deeply, or too large"]


def test_objects_merged_of_merged_ones_do_not_either():
    text = "&a0 {k: 1, l: 2}"
    for n in range(1, 7):
        text = f"&a{n} {{<<: [{text}, {', '.join([f'*a{n - 1}'] * 9)}]}}"
    tracemalloc.start()
    found = problems(f"a: {text}")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == ["hub.yaml: the file is nested too deeply, or too large"]
    assert most < 5_000_000


@pytest.mark.parametrize(
    "text", ["a: &x [*x]", "[" * 5000 + "]" * 5000, "a:\n" + "".join(" " * n + "- \n" for n in range(1, 60))]
)
def test_endless_and_deep_nesting_is_refused(text):
    assert problems(text)


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system [true]", "!!binary aGk=", "!mine x", "!!set {a}"]
)
def test_tags_mean_nothing_and_are_refused(tag):
    [problem] = problems(f"a: {tag}\n")
    assert problem.startswith("hub.yaml:1: a: ")


def test_a_secret_that_yaml_does_not_read_as_text_is_not_shown():
    for secret in ("!hunter2", "*hunter2"):
        assert "hunter2" not in " ".join(problems(f"secret: {secret}\n"))


def test_a_number_too_long_to_read_is_refused():
    assert problems("limit: " + "9" * 5000) == ["hub.yaml:1: limit: this value cannot be read"]
