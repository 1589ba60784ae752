"""The prefix notation of domains: every `&` written out, every `!` moved into the conditions."""

from typing import Any

from demo.odoo.conditions import POSITIVE_OF

_OPPOSITES = {"<": ">=", ">": "<=", "<=": ">", ">=": "<", **POSITIVE_OF}
_OPPOSITES |= {positive: negative for negative, positive in POSITIVE_OF.items()}
_ARITY = {"!": 1, "&": 2, "|": 2}


def normalized(domain: list[Any]) -> list[Any]:
    """With every implicit `&` written out."""
    terms: list[Any] = []
    expected = 1
    for term in domain:
        if expected == 0:
            terms.insert(0, "&")
            expected = 1
        if isinstance(term, str) and term in _ARITY:
            expected += _ARITY[term] - 1
            terms.append(term)
        else:
            expected -= 1
            # A stray text is taken apart like any sequence: ["bad"] asks for a field "b".
            terms.append(tuple(term))
    if expected and terms:
        raise ValueError(f"Domain {domain} is syntactically not correct.")
    return terms


def distributed(terms: list[Any]) -> list[Any]:
    """Every `!` moved into the conditions, where it turns an operator round: `! (ref = x)` finds empty ones too."""
    moved: list[Any] = []
    negations = [False]
    for term in terms:
        negative = negations.pop()
        if term == "!":
            negations.append(not negative)
        elif isinstance(term, str):
            moved.append({"&": "|", "|": "&"}[term] if negative else term)
            negations += [negative, negative]
        elif negative and term[1] in _OPPOSITES:
            moved.append((term[0], _OPPOSITES[term[1]], term[2]))
        else:
            moved += ["!", term] if negative else [term]
    return moved
