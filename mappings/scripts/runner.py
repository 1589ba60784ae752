"""Running a script over a batch of inputs: together where it can be, one by one where it must."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self

import orjson

from mappings.scripts.bridge import Bridge
from mappings.scripts.calls import out_of_time
from mappings.scripts.compile import Compiled, compiled
from mappings.scripts.data import DEFAULT, Input, Kind, Limits, Mode, Outcome, Script, ScriptError
from mappings.scripts.rows import FieldFacts, Sent
from mappings.scripts.values import checked, read_page
from mappings.scripts.worker import Sandbox, Stopped
from synchub.odoo import OdooClient

CHUNK_BYTES = 1_000_000
CHUNK_ITEMS = 500


class _Item(NamedTuple):
    place: int
    record: int | None
    text: bytes


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
        chunks = _chunks(items, 1 if script.mode is Mode.EXECUTE else CHUNK_ITEMS)
        for chunk in chunks:
            self._run_chunk(made, chunk, outcomes)
        return [outcome or Outcome() for outcome in outcomes]

    def _items(
        self, script: Compiled, inputs: Sequence[Input], outcomes: list[Outcome | None]
    ) -> list[_Item]:
        bridge, model = self._bridge, self._model
        seen: list[int] = []
        for place, given in enumerate(inputs):
            if given.record is None:
                continue
            if type(given.record.get("id")) is int:
                seen.append(place)
            else:
                text = "The record has no id, so that no script can see it."
                outcomes[place] = Outcome(error=ScriptError(text, kind=Kind.VALUE))
        rows = bridge.taken(model, [inputs[place].record or {} for place in seen])
        records: list[Sent | None] = [None] * len(inputs)
        for place, sent in zip(seen, bridge.sent(model, rows), strict=True):
            records[place] = sent
        items = []
        for place, record in enumerate(records):
            if outcomes[place] is not None:
                continue
            one, values = record or (None, None)
            data = (inputs[place].request_data or {}) if script.uses_request else None
            try:
                items.append(_Item(place, one, _dumped((one, values, data))))
            except ScriptError as error:
                outcomes[place] = Outcome(error=error)
        return items

    def _run_chunk(self, script: Compiled, chunk: list[_Item], outcomes: list[Outcome | None]) -> None:
        try:
            made = self._results(script, chunk)
        except ScriptError as error:
            made = [Outcome(error=error) for _ in chunk]
        except Stopped as stop:
            self.close()
            if len(chunk) > 1:
                # Which of them it was is not known; nothing was changed, so that each can run again by itself.
                for item in chunk:
                    self._run_chunk(script, [item], outcomes)
                return
            made = [Outcome(error=stop.error)]
        for item, outcome in zip(chunk, made, strict=True):
            outcomes[item.place] = outcome

    def _results(self, script: Compiled, chunk: list[_Item]) -> list[Outcome]:
        """Raises Stopped where a limit ended it all, ScriptError where the script cannot run at all."""
        if self._bridge.calls.late:
            raise out_of_time(self._limits)
        if len(chunk) == 1:
            self._bridge.calls.enter(("alone", chunk[0].place))
        sandbox = self._ready(script)
        self._start(sandbox, script, chunk)
        errors: list[ScriptError] = []
        going = f"_hub_go({script.function}, {self._model!r})"
        while True:
            try:
                text = sandbox.run(going, {}, self._bridge.answer, script)
                break
            except ScriptError as error:
                errors.append(self._explained(error))
                sandbox.run("_hub_failed()", {}, self._bridge.answer, script)
                if self._bridge.calls.late:
                    raise Stopped(out_of_time(self._limits)) from None
        return self._outcomes(text, len(chunk), errors)

    def _ready(self, script: Compiled) -> Sandbox:
        if self._sandbox is None:
            self._sandbox = Sandbox(self._limits)
            self._bridge.new_sandbox()
        self._sandbox.define(script)
        return self._sandbox

    def _start(self, sandbox: Sandbox, script: Compiled, chunk: list[_Item]) -> None:
        kinds = self._bridge.kinds_for(self._model)
        known = {self._model: kinds} if kinds is not None else {}
        text = b'{"kinds":%s,"items":[%s]}' % (orjson.dumps(known), b",".join(item.text for item in chunk))
        sandbox.run(
            "_hub_start(given, model_name, execute)",
            {
                "given": text.decode(),
                "model_name": self._model,
                "execute": script.script.mode is Mode.EXECUTE,
            },
            self._bridge.answer,
            script,
        )

    def _explained(self, error: ScriptError) -> ScriptError:
        """A refusal of Odoo that the script did not catch is Odoo's."""
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
    chunk: list[_Item] = []
    size = 0
    records: set[int] = set()
    for item in items:
        full = len(chunk) >= most or size + len(item.text) > CHUNK_BYTES
        # The sandbox knows one row of a record: two of them, at different times, are not for one run.
        if chunk and (full or item.record in records):
            yield chunk
            chunk, size, records = [], 0, set()
        chunk.append(item)
        size += len(item.text)
        if item.record is not None:
            records.add(item.record)
    if chunk:
        yield chunk


def _dumped(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        pass
    try:
        return json.dumps(value, default=str).encode()
    except (TypeError, ValueError, RecursionError):
        raise ScriptError("The record cannot be given to the script.", kind=Kind.VALUE) from None
