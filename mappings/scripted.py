"""Lines whose value a script makes, both ways, for whole batches.

From Odoo, a script's value is a piece of the document, any JSON. To Odoo, it is the field's value: a text, a number,
an id, a list of ids, or x2many commands.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mappings.convert import Fragments, Values
from mappings.fieldtypes import WrongValue, X2manyType
from mappings.line_error import LineError
from mappings.paths import at
from mappings.payload import request_data
from mappings.schema import facts_of
from mappings.scripts import Input, Runner, Script, ScriptError
from mappings.scripts import Kind as Why
from mappings.spec import LineSpec, MappingSpec
from synchub.errors import OdooRetryable, OdooUnknownOutcome
from synchub.odoo import OdooClient

Row = Mapping[str, Any]
_MISSING = object()


def shown(
    spec: MappingSpec, connection_id: int, rows: Sequence[Row], client: OdooClient
) -> tuple[list[Fragments], list[str]]:
    """For each row, the values of its scripts by key, and what went wrong ("" if nothing did).

    A failure concerns its record only. Raises OdooError where Odoo could not be asked at all.
    """
    fragments: list[Fragments] = [{} for _ in rows]
    problems = ["" for _ in rows]
    if not spec.scripted_out or not rows:
        return fragments, problems
    with _runner(spec, connection_id, client) as runner:
        for line, script in _scripts(spec.scripted_out):
            outcomes = runner.run_many(script, [Input(row) for row in rows])
            for place, outcome in enumerate(outcomes):
                if outcome.error is not None:
                    _pass_on(outcome.error)
                    problems[place] = problems[place] or f"“{line.key}”: {outcome.error}"
                fragments[place][line.key] = outcome.value
    return fragments, problems


def written(
    spec: MappingSpec,
    connection_id: int,
    requests: Sequence[tuple[Mapping[str, Any], Row | None]],
    client: OdooClient,
) -> list[Values]:
    """The values that scripts give to writes (payload, the record as it is): all of them for a new record, for a change those
    whose key was sent. The record is None for a new one, and empty where Odoo does not have it yet.

    Raises LineError (SCRIPT, TYPE …) with the `index` of the request at fault, OdooError.
    """
    values: list[Values] = [{} for _ in requests]
    asked = [(request_data(spec, payload), record) for payload, record in requests]
    with _runner(spec, connection_id, client) as runner:
        for line, script in _scripts(spec.scripted_in):
            places = [
                place
                for place, (data, record) in enumerate(asked)
                if record is None or at(data, line.path, _MISSING) is not _MISSING
            ]
            inputs = [Input(record=asked[place][1] or None, request_data=asked[place][0]) for place in places]
            for place, outcome in zip(places, runner.run_many(script, inputs), strict=True):
                try:
                    if outcome.error is not None:
                        _pass_on(outcome.error)
                        raise failure(line, outcome.error)
                    values[place][line.field.name] = _canonical(line, outcome.value)
                except LineError as error:
                    error.index = place
                    raise
    return values


def execute(
    spec: MappingSpec,
    connection_id: int,
    rows: Sequence[tuple[Row, Mapping[str, Any]]],
    client: OdooClient,
) -> list[LineError | None]:
    """Runs the scripts that have effects, for records (row, request) that were just written: at least once, and after a crash
    perhaps twice. Raises only OdooErrors that may pass."""
    problems: list[LineError | None] = [None for _ in rows]
    if not spec.executing or not rows:
        return problems
    with _runner(spec, connection_id, client) as runner:
        for line, script in _scripts(spec.executing):
            inputs = [Input(record=row, request_data=request) for row, request in rows]
            for place, outcome in enumerate(runner.run_many(script, inputs)):
                if outcome.error is not None:
                    _pass_on(outcome.error)
                    problems[place] = problems[place] or failure(line, outcome.error)
    return problems


def _runner(spec: MappingSpec, connection_id: int, client: OdooClient) -> Runner:
    others = facts_of(connection_id, client)
    return Runner(
        model=spec.model,
        client=client,
        fields=lambda model: spec.facts if model == spec.model else others(model),
    )


def _scripts(lines: Sequence[LineSpec]) -> Iterator[tuple[LineSpec, Script]]:
    for line in lines:
        if line.script is not None:
            yield line, line.script


def failure(line: LineSpec, error: ScriptError) -> LineError:
    return LineError(f"“{line.key}”: {error}", code="SCRIPT", key=line.key, line=line)


def _pass_on(error: ScriptError) -> None:
    """Raises trouble that may pass: it is no fault of the script, and the caller tries again later."""
    if error.kind is Why.ODOO and isinstance(error.odoo, (OdooRetryable, OdooUnknownOutcome)):
        raise error.odoo


def _canonical(line: LineSpec, value: Any) -> Any:
    """A script's value, checked like any other value of the field."""
    kind = line.field.type
    if (
        isinstance(kind, X2manyType)
        and isinstance(value, list)
        and any(isinstance(one, list) for one in value)
    ):
        return {"$commands": [_command(line, one) for one in value]}
    if value is False and kind.name != "boolean":
        value = None
    try:
        return kind.parse(value)
    except WrongValue as error:
        raise LineError(
            f"“{line.key}”: the script's value does not fit {line.field.label}: {error}.",
            code=error.code, key=line.key, line=line,
        ) from None  # fmt: skip


def _command(line: LineSpec, value: Any) -> list[Any]:
    if (
        isinstance(value, list)
        and 1 <= len(value) <= 3
        and all(isinstance(one, int) and not isinstance(one, bool) for one in value[:2])
        and value[0] in range(7)
    ):
        return [*value, *[0] * (3 - len(value))]
    raise LineError(
        f"“{line.key}”: the script gave something that is no x2many command; use Command.create, .link, .set, ….",
        code="SCRIPT", key=line.key, line=line,
    )  # fmt: skip
