"""Are the records there that a write names? Checked while the consumer is listening, as far as can be told quickly.

What the hub has seen before needs no question, nor what it has accepted itself (see `awaited`); the rest is asked of
Odoo once for each model, for a few seconds at most. Where Odoo does not answer, the write is accepted and the question
comes again with the push.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from endpoints import awaited
from endpoints.registry import EndpointSpec
from mappings import known
from mappings.clients import client_for
from mappings.convert import Values
from mappings.lookups import find_ids
from mappings.mentions import references
from mappings.models import Connection
from mappings.resolve import problem_of
from mappings.spec import LineSpec, MappingSpec
from synchub.errors import OdooError

logger = logging.getLogger(__name__)

CONNECT_SECONDS, ANSWER_SECONDS = 1.0, 3.0


def check(endpoint: EndpointSpec, writes: Sequence[Values]) -> None:
    """Raises LineError (RELATION_NOT_FOUND, RELATION_AMBIGUOUS) with the `index` of the write at fault."""
    named = [
        (index, line, ref, place)
        for index, values in enumerate(writes)
        for line, ref, place in references(endpoint.mapping, values)
    ]
    if not named:
        return
    wanted: dict[int, tuple[MappingSpec, set[Any]]] = {}
    for _, line, ref, _ in named:
        if line.nested is not None:
            wanted.setdefault(id(line.nested), (line.nested, set()))[1].add(ref)
    unknown = {
        key: (spec, _unknown(endpoint, spec, refs - _coming(endpoint, spec, writes)))
        for key, (spec, refs) in wanted.items()
    }
    found = _ask(endpoint, {key: one for key, one in unknown.items() if one[1]})
    for index, line, ref, place in named:
        answer = found.get(id(line.nested))
        if answer is None or ref not in unknown[id(line.nested)][1]:
            continue
        problem = None if _may_be_missing(line, answer[ref]) else problem_of(line, ref, answer[ref])
        if problem is not None:
            problem = problem.inside(place)
            problem.index = index
            raise problem


def _coming(endpoint: EndpointSpec, spec: MappingSpec, writes: Sequence[Values]) -> set[Any]:
    """Identifiers of the records that are written here, where the relation leads to such records."""
    own, name = endpoint.mapping, spec.identifier.field.name
    if own.model != spec.model or own.identifier.field.name != name:
        return set()
    return {values[name] for values in writes if values.get(name) is not None}


def _unknown(endpoint: EndpointSpec, spec: MappingSpec, refs: set[Any]) -> set[Any]:
    refs = refs - known.known(endpoint.connection_id, spec, refs)
    refs = refs - awaited.known_here(endpoint.connection_id, spec, refs)
    return refs - awaited.elsewhere(endpoint.connection_id, spec, refs).keys()


def _may_be_missing(line: LineSpec, ids: list[int]) -> bool:
    return not ids and line.on_missing == "create"


def _ask(
    endpoint: EndpointSpec, unknown: dict[int, tuple[MappingSpec, set[Any]]]
) -> dict[int, defaultdict[Any, list[int]]]:
    """Ids by identifier for each of the mappings; empty where Odoo does not answer."""
    if not unknown:
        return {}
    answers: dict[int, defaultdict[Any, list[int]]] = {}
    try:
        connection = Connection.objects.get(pk=endpoint.connection_id)
        with client_for(connection, _impatient(connection), max_wait=CONNECT_SECONDS) as client:
            for key, (spec, refs) in unknown.items():
                answers[key] = defaultdict(list, find_ids(spec, refs, client))
                known.remember(
                    endpoint.connection_id, spec, [ref for ref, ids in answers[key].items() if len(ids) == 1]
                )
    except OdooError as error:
        logger.info(
            "Relations of a write to “%s” are checked when it is pushed: %s", endpoint.name, error.message
        )
    return answers


def _impatient(connection: Connection) -> Any:
    access = connection.access()
    return replace(
        access,
        connect_timeout=min(CONNECT_SECONDS, access.connect_timeout),
        read_timeout=min(ANSWER_SECONDS, access.read_timeout),
    )
