"""Domains: which texts are ones, and that two of them together mean both."""

import ast
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import domains
from mappings.domains import Domain, DomainError


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("", []), ("  \n", []), ("[]", []), ("()", []), ("[('a', '=', 1)]", [("a", "=", 1)]),
        ("(('a', '=', 1),)", [("a", "=", 1)]), ("[['a', '=', 1]]", [("a", "=", 1)]),
        ("['|', ('a', '=', True), ('b', 'in', [1, None])]", ["|", ("a", "=", True), ("b", "in", [1, None])]),
        ("['!', ('a.b', 'child_of', 7)]", ["!", ("a.b", "child_of", 7)]),
        ("[('a', 'any', [('b', '=', 1)])]", [("a", "any", [("b", "=", 1)])]),
        ("[('a', '=', -1.5)]", [("a", "=", -1.5)]), ("[('a', '=', 'x' 'y')]", [("a", "=", "xy")]),
        ("['&', ('a', '=', 1), ('b', '=', 2), ('c', '=', 3)]", ["&", ("a", "=", 1), ("b", "=", 2), ("c", "=", 3)]),
    ],
)  # fmt: skip
def test_texts_that_are_domains(text: str, domain: Domain):
    assert domains.parse(text) == domain


REFUSED = [
        ("[", "near character 1"), ("[('a', '=', 1)", "near character"), ("[('a' '=' 1)]", "near character"),
        ("7", "A domain is a list"), ("'x'", "A domain is a list"), ("{}", "A domain is a list"),
        ("('a', '=', 1)", "may stand without brackets"), ("['a']", "“a”"), ("[1]", "three things"), ("[[]]", "three things"),
        ("[('a', '=')]", "three things"), ("[('a', '=', 1, 2)]", "three things"), ("[(1, '=', 1)]", "field's name"),
        ("[('', '=', 1)]", "field's name"), ("[('a', '==', 1)]", "“==” is no operator"), ("[('a', [], 1)]", "no operator"),
        ("[('a', {}, 1)]", "no operator"), ("[('a', None, 1)]", "no operator"), ("['&']", "no terms"), ("['!']", "no terms"),
        ("['|', ('a', '=', 1)]", "no terms"), ("[('a', '=', 1), '&']", "no terms"), ("['&', '|', ('a', '=', 1), ('b', '=', 1)]", "no terms"),
        ("[('a', 'any', 7)]", "A domain is a list"), ("[('a', 'any', ['|'])]", "no terms"),
        ("[('a', '=', b'x')]", "no value"), ("[('a', '=', {1})]", "no value"), ("[('a', '=', {'x': 1})]", "no value"),
        ("[('a', '=', 1j)]", "no value"), ("[('a', '=', ...)]", "no value"), ("[('a', 'in', [[1]])]", "no value"),
        ("[('a', '=', 99999999999)]", "no value"), ("[('a', '=', 1e999)]", "no value"), ("[('a', '=', '\\x00')]", "no value"),
        ("[('a', '=', uid)]", "Only lists"), ("[('a', '=', __import__('os').system('x'))]", "Only lists"),
        ("[('a', '=', 2**9)]", "Only lists"), ("[x for x in y]", "Only lists"), ("lambda: 1", "Only lists"),
        ("[('a', '=', f'{1}')]", "Only lists"), ("[" * 5000, ""), ("[" * 90 + "]" * 90, "three things"), ("-" * 15_000 + "1", ""),
        ("(" * 10_000, ""), ("[('a', '=', " + "9" * 5000 + ")]", ""), ("\x00", ""), ("[('a', '=', 1)]\x00", ""), ("\ud800", ""),
        ("[" + "1," * 15_000 + "]", "longer than"), ("import os", ""), ("[('a',\n'=', 1)]]", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), REFUSED, ids=range(len(REFUSED)))
def test_texts_that_are_none_are_refused_with_a_sentence(text: str, words: str):
    with pytest.raises(DomainError) as refusal:
        domains.parse(text)
    assert words in str(refusal.value)
    assert len(str(refusal.value)) < 400


@given(text=st.text() | st.text("[]()'\"a=,|&!1 -.{}").map(str))
def test_any_text_is_either_a_domain_or_refused(text: str):
    try:
        domain = domains.parse(text)
    except DomainError:
        return
    assert domains.check(domain) == domain


# A tiny evaluator, independent of the code under test: as Odoo reads Polish notation.
TERMS = st.tuples(st.sampled_from("abcd"), st.just("="), st.booleans())


def trees(depth: int = 3) -> st.SearchStrategy[Any]:
    return st.recursive(
        TERMS,
        lambda inner: st.tuples(st.just("!"), inner) | st.tuples(st.sampled_from("&|"), inner, inner),
        max_leaves=depth * 2,
    )


def written(tree: Any) -> Domain:
    if tree[0] == "!":
        return ["!", *written(tree[1])]
    if tree[0] in "&|":
        return [tree[0], *written(tree[1]), *written(tree[2])]
    return [tree]


def meant(tree: Any, record: dict[str, bool]) -> bool:
    if tree[0] == "!":
        return not meant(tree[1], record)
    if tree[0] in "&|":
        sides = [meant(tree[1], record), meant(tree[2], record)]
        return all(sides) if tree[0] == "&" else any(sides)
    return bool(record[tree[0]] == tree[2])


def evaluated(domain: Domain, record: dict[str, bool]) -> bool:
    """By a stack, from the end; what is left on it is joined by and."""
    stack: list[bool] = []
    for item in reversed(domain):
        if item == "!":
            stack.append(not stack.pop())
        elif isinstance(item, str):
            first, second = stack.pop(), stack.pop()
            stack.append((first and second) if item == "&" else (first or second))
        else:
            stack.append(record[item[0]] == item[2])
    return all(stack)


ALL_RECORDS = [
    dict(zip("abcd", bits, strict=True))
    for bits in [tuple(bool(n >> k & 1) for k in range(4)) for n in range(16)]
]
DOMAINS = st.lists(trees(), max_size=3)


@given(first=DOMAINS, second=DOMAINS, third=DOMAINS)
def test_both_means_both_whatever_they_are_made_of(first: list[Any], second: list[Any], third: list[Any]):
    lists = [[item for tree in trees for item in written(tree)] for trees in (first, second, third)]
    joined = domains.both(domains.both(lists[0], lists[1]), lists[2])
    assert domains.check(joined) == joined
    for record in ALL_RECORDS:
        assert evaluated(joined, record) == all(meant(tree, record) for tree in (*first, *second, *third))


@given(first=DOMAINS, second=DOMAINS)
def test_either_and_outside_mean_what_they_say(first: list[Any], second: list[Any]):
    one, other = ([item for tree in trees for item in written(tree)] for trees in (first, second))
    either, outside = domains.either(one, other), domains.outside(one, datetime.now(UTC))
    assert domains.check(either) == either
    assert domains.check(outside) == outside
    for record in ALL_RECORDS:
        inside = [all(meant(tree, record) for tree in trees) for trees in (first, second)]
        assert evaluated(either, record) == any(inside)
        # Where all records are inside, the term says that the id is empty: of no record.
        assert evaluated(outside, record | {"id": True}) == (not inside[0])


@given(DOMAINS)
def test_a_domain_written_out_is_read_as_it_was(forest: list[Any]):
    domain = [item for tree in forest for item in written(tree)]
    assert domains.parse(repr(domain)) == domain
    assert ast.literal_eval(repr(domain)) == domain


def test_the_fields_that_a_domain_compares():
    domain = domains.parse("['|', ('a.b', '=', 1), '!', ('c', 'any', [('d', '=', 1)])]")
    assert domains.fields_of(domain) == {"a.b", "c"}
