"""Runs a script over a batch of inputs: together where possible, one by one where necessary."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import orjson

from mappings.scripts.bridge import Bridge
from mappings.scripts.calls import out_of_time
from mappings.scripts.compile import Compiled, compiled
from mappings.scripts.data import DEFAULT, Input, Kind, Limits, Mode, Outcome, Script, ScriptError
from mappings.scripts.rows import FieldFacts
from mappings.scripts.values import checked, read_page
from mappings.scripts.worker import Sandbox, Stopped
from synchub.odoo import OdooClient

CHUNK_BYTES = 1_000_000
CHUNK_ITEMS = 500


# An input's place among all of them, and what the sandbox takes of it: id, values, request. Plain, for there are many.
_Item = tuple[int, tuple[int | None, dict[str, Any] | None, Mapping[str, Any] | None]]


class Runner:
    """Runs scripts over the records of one batch; what it read from Odoo is kept until it is closed.

    Not for several threads. `fields` gives the fields of a model as `fields_get` describes them, so that Odoo
    need not be asked; `context` goes with every call.
    """

    def __init__(
        self,
        *,
        model: str,
        client: OdooClient | None = None,
        limits: Limits = DEFAULT,
        fields: FieldFacts | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> None:
        self._model = model
        self._limits = limits
        self._bridge = Bridge(client, limits, fields, context or {})
        self._sandbox: Sandbox | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            sandbox.close()

    def run(self, script: Script, given: Input) -> Outcome:
        return self.run_many(script, [given])[0]

    def run_many(self, script: Script, inputs: Sequence[Input]) -> list[Outcome]:
        """An outcome for each input, in order. A script that executes runs once for each, in that order."""
        try:
            made = compiled(script)
        except ScriptError as error:
            return [Outcome(error=error) for _ in inputs]
        self._bridge.begin(made.fields, changes=script.mode is Mode.EXECUTE)
        outcomes: list[Outcome | None] = [None] * len(inputs)
        items = self._items(made, inputs, outcomes)
        for chunk in _chunks(items, 1 if script.mode is Mode.EXECUTE else CHUNK_ITEMS):
            self._run_chunk(made, chunk, outcomes)
        return [outcome or Outcome() for outcome in outcomes]

    def _items(
        self, script: Compiled, inputs: Sequence[Input], outcomes: list[Outcome | None]
    ) -> list[_Item]:
        memory, model = self._bridge.memory, self._model
        records: list[Mapping[str, Any]] = []
        for place, (record, _) in enumerate(inputs):
            if record is None:
                continue
            if type(record.get("id")) is int:
                records.append(record)
            else:
                text = "The record has no id, so that no script can see it."
                outcomes[place] = Outcome(error=ScriptError(text, kind=Kind.VALUE))
        sent = iter(memory.sent(model, memory.taken(model, records)))
        items: list[_Item] = []
        for place, (record, request) in enumerate(inputs):
            if outcomes[place] is None:
                one, values = next(sent) if record is not None else (None, None)
                items.append((place, (one, values, (request or {}) if script.uses_request else None)))
        return items

    def _run_chunk(self, script: Compiled, chunk: list[_Item], outcomes: list[Outcome | None]) -> None:
        try:
            told = self._told(chunk)
            if len(told) > CHUNK_BYTES and len(chunk) > 1:
                middle = len(chunk) // 2
                self._run_chunk(script, chunk[:middle], outcomes)
                self._run_chunk(script, chunk[middle:], outcomes)
                return
            made = self._results(script, chunk, told)
        except ScriptError as error:
            made = [Outcome(error=error) for _ in chunk]
        except Stopped as stop:
            self.close()
            if len(chunk) > 1:
                # It is unknown which run it was. Nothing was changed, so each can run again by itself.
                for item in chunk:
                    self._run_chunk(script, [item], outcomes)
                return
            made = [Outcome(error=stop.error)]
        for (place, _), outcome in zip(chunk, made, strict=True):
            outcomes[place] = outcome

    def _told(self, chunk: list[_Item]) -> bytes:
        """What the sandbox is told before the chunk's runs begin, as JSON. Raises Stopped where it cannot be JSON."""
        kinds = self._bridge.memory.kinds_for(self._model)
        known = {self._model: kinds} if kinds is not None else {}
        told = {"kinds": known, "items": [taken for _, taken in chunk]}
        try:
            return orjson.dumps(told)
        except TypeError:
            pass
        try:
            return json.dumps(told, default=str).encode()
        except (TypeError, ValueError, RecursionError):
            text = "The record cannot be given to the script."
            raise Stopped(ScriptError(text, kind=Kind.VALUE)) from None

    def _results(self, script: Compiled, chunk: list[_Item], told: bytes) -> list[Outcome]:
        """Raises Stopped where a limit ended the chunk, ScriptError where the script cannot run at all."""
        if self._bridge.calls.late:
            raise out_of_time(self._limits)
        if len(chunk) == 1:
            self._bridge.calls.enter(("alone", chunk[0][0]))
        sandbox = self._ready(script)
        go = f"_hub_go({script.function}, {self._model!r})"
        begin = f"_hub_start(given, {self._model!r}, {script.script.mode is Mode.EXECUTE})\n{go}"
        errors: list[ScriptError] = []
        code, given = begin, {"given": told.decode()}
        while True:
            try:
                text = sandbox.run(code, given, self._bridge.answer, script)
                break
            except ScriptError as error:
                errors.append(self._explained(error))
                sandbox.run("_hub_failed()", {}, self._bridge.answer, script)
                if self._bridge.calls.late:
                    raise Stopped(out_of_time(self._limits)) from None
                code, given = go, {}
        return self._outcomes(text, len(chunk), errors)

    def _ready(self, script: Compiled) -> Sandbox:
        if self._sandbox is None:
            self._sandbox = Sandbox(self._limits)
            self._bridge.memory.new_sandbox()
        self._sandbox.define(script)
        return self._sandbox

    def _explained(self, error: ScriptError) -> ScriptError:
        """A refusal by Odoo that the script did not catch is Odoo's error, not the script's."""
        failed = self._bridge.calls.failed
        if error.kind is Kind.USER and failed is not None and error.message == failed.message.strip():
            return ScriptError(
                error.message, kind=Kind.ODOO, line=error.line, column=error.column, odoo=failed
            )
        return error

    def _outcomes(self, text: Any, count: int, errors: list[ScriptError]) -> list[Outcome]:
        try:
            values, more, sure = read_page(text)
        except ScriptError as error:
            raise Stopped(error) from None
        if len(values) != count:
            raise Stopped(ScriptError("the script’s value cannot be read", kind=Kind.VALUE))
        outcomes = list(map(Outcome if sure else _checked, values))
        waiting = iter(errors)
        for place, (printed, *failed) in more.items():
            at = int(place)
            value, wrong, _ = outcomes[at]
            outcomes[at] = Outcome(value, next(waiting) if failed else wrong, printed)
        return outcomes


def _checked(value: Any) -> Outcome:
    try:
        return Outcome(checked(value))
    except ScriptError as error:
        return Outcome(error=error)


def _chunks(items: list[_Item], most: int) -> Iterator[list[_Item]]:
    """The sandbox knows one row for each record, so two rows of one record are not for the same chunk."""
    chunk: list[_Item] = []
    records: set[int] = set()
    for item in items:
        record = item[1][0]
        if len(chunk) >= most or record in records:
            yield chunk
            chunk, records = [], set()
        chunk.append(item)
        if record is not None:
            records.add(record)
    if chunk:
        yield chunk
