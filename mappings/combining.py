"""Puts two writes of one record that were not sent yet together into one. Pure."""

from typing import Any

from mappings.relations import Structure, counted, is_partial, is_structure, key_of

_WHOLE_LIST = (5, 6)  # `clear` and `set`


def merge_values(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """Several writes of one record as one: later values replace earlier ones, structures are combined."""
    result = dict(earlier)
    for name, value in later.items():
        result[name] = merged(result[name], value) if name in result else value
    return result


def merged(earlier: Any, later: Any) -> Any:
    """Two writes of one field as one."""
    if at_odds(earlier, later):
        return later
    if is_structure(later) and "$commands" in later:
        return _after(earlier, later)
    if is_partial(later) and not earlier:
        return {"$set": later["$add"]}
    if not (is_structure(earlier) and is_structure(later)):
        return later
    if "$children" in later and "$children" in earlier:
        known = dict(counted(earlier["$children"]))
        return {
            "$children": [
                _merged_child(known[key], child) if key in known else child
                for key, child in counted(later["$children"])
            ]
        }
    if "$add" not in later:
        return later
    removed = {key_of(ref) for ref in later["$remove"]}
    added = {key_of(ref) for ref in later["$add"]}
    if "$set" in earlier:
        kept = [ref for ref in earlier["$set"] if key_of(ref) not in removed | added]
        return {"$set": [*kept, *later["$add"]]}
    return {
        "$add": [*(ref for ref in earlier["$add"] if key_of(ref) not in removed | added), *later["$add"]],
        "$remove": [
            *(ref for ref in earlier["$remove"] if key_of(ref) not in removed | added),
            *later["$remove"],
        ],
    }


def at_odds(earlier: Any, later: Any) -> bool:
    """Whether the later write continues an earlier one of another form: their line was changed in between, or an undo has put
    ids back. Only Odoo could tell the result of both."""
    if not is_structure(later) or not earlier:
        return False
    if "$commands" in later:
        whole = later["$commands"][0][0] in _WHOLE_LIST
        return not whole and is_structure(earlier) and "$commands" not in earlier
    return "$add" in later and not (is_structure(earlier) and ("$set" in earlier or "$add" in earlier))


def says_less(later: Any, earlier: Any) -> bool:
    """Whether the earlier write says something about a line in both that the later one does not repeat. Lines without an
    identifier are new ones each time, so a list with such lines stands for itself."""
    if not all(is_structure(one) and "$children" in one for one in (earlier, later)):
        return False
    named = all(child["$ref"] is not None for child in later["$children"])
    return named and bool(merged(earlier, later) != later)


def _after(earlier: Any, later: Structure) -> Structure:
    """A script's commands continue from what the earlier ones made, unless they begin by replacing the list."""
    if later["$commands"][0][0] in _WHOLE_LIST:
        return later
    before = earlier["$commands"] if is_structure(earlier) else [[6, 0, earlier or []]]
    return {"$commands": [*before, *later["$commands"]]}


def _merged_child(earlier: Structure, later: Structure) -> Structure:
    """The child keeps its first external id: an earlier attempt may have created it."""
    if later["$ref"] is not None:
        return {**later, **earlier, "$values": merge_values(earlier["$values"], later["$values"])}
    # Without an identifier it is another child, in the same place.
    return {**earlier, "$values": later["$values"]}
