"""What a script in the sandbox may ask: Odoo through the batch's one client, and a few things about dates."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from mappings.scripts import dates
from mappings.scripts.calls import Calls, out_of_time
from mappings.scripts.data import Kind, Limits, ScriptError
from mappings.scripts.rows import FieldFacts, Kinds, Parcel, Row, Rows, Sent, flattened, kinds_of
from mappings.scripts.worker import Refused, Stopped
from synchub.odoo import OdooClient
from synchub.odoo.client import READING

MOST_IDS = 1_000
# Methods of a model, not of records: their first argument is no list of ids.
OF_THE_MODEL = frozenset(
    {
        "check_access_rights", "default_get", "fields_get", "get_views", "load", "name_create", "name_search",
        "read_group",
    }
)  # fmt: skip


class Bridge:
    """Answers the questions of all runs of one batch, and keeps what it read for them."""

    def __init__(
        self,
        client: OdooClient | None,
        limits: Limits,
        fields: FieldFacts | None,
        context: Mapping[str, Any],
    ) -> None:
        self._limits = limits
        self._fields = fields
        self._context = dict(context)
        self._kinds: dict[str, Kinds] = {}
        self._complete: set[str] = set()
        self._rows: dict[str, Rows] = {}
        self._refs: dict[str, Any] = {}
        self._mentioned: frozenset[str] = frozenset()
        self._changes = False
        self.calls = Calls(client, limits, context, self._forget)

    # Before a run.

    def new_sandbox(self) -> None:
        """Whatever was told to the one before, this one does not know."""
        for rows in self._rows.values():
            rows.told.clear()

    def begin(self, mentioned: frozenset[str], *, changes: bool) -> None:
        """A script over a batch: `mentioned` are the names to read when one of them is asked for."""
        self._mentioned, self._changes = mentioned, changes
        self.calls.begin()

    def taken(self, model: str, records: Iterable[Mapping[str, Any]]) -> list[Row]:
        """Keep the inputs' rows, with ids where they have rows of their own; what of Odoo's fields is known is learnt."""
        complete = self.kinds_for(model) is not None and model in self._complete
        relations = (
            {name for name, kind in self._kinds.get(model, {}).items() if kind[1]} if complete else None
        )
        rows = self.rows(model)
        taken = []
        for record in records:
            row = record if type(record) is dict else dict(record)
            if rows.by_id.get(row["id"]) is not row:  # no earlier script of the batch saw it
                if _holds_rows(row, relations):
                    row = flattened(model, row, self._kinds, lambda other, inner: self.rows(other).add(inner))
                if relations is None and not self.calls.possible:
                    kinds = self._kinds.setdefault(model, {})
                    kinds.update(dict.fromkeys(row.keys() - kinds.keys(), ("plain", None)))
                rows.add(row)
            taken.append(row)
        return taken

    def kinds_for(self, model: str) -> Kinds | None:
        """Without asking Odoo; None where that would be needed."""
        if model not in self._complete and self._fields is not None:
            self._learn(model, self._fields(model))
        if model not in self._complete and not self.calls.possible and model not in self._kinds:
            self._kinds[model] = {}
        return self._kinds.get(model) if model in self._complete or not self.calls.possible else None

    def sent(self, model: str, rows: Iterable[Row], *names: str) -> list[Sent]:
        """Rows as the sandbox takes them; the records that their relations lead to are noted."""
        parcel = Parcel(self._mentioned.union(names), self._kinds.get(model))
        sent = [(row["id"], parcel.of(row)) for row in rows]
        for relation, ids in parcel.ids.items():
            self.rows(relation).known.update(dict.fromkeys(ids))
        return sent

    def rows(self, model: str, context: Mapping[str, Any] | None = None) -> Rows:
        key = model if context is None else model + json.dumps(context, sort_keys=True)
        return self._rows.setdefault(key, Rows())

    # Questions.

    def answer(self, text: str) -> str:
        asked: dict[str, Any] = json.loads(text)
        what = asked.get("what")
        if what == "too much printed":
            raise Stopped(
                ScriptError(f"the script prints more than {self._limits.printed} characters", kind=Kind.LIMIT)
            )
        if self.calls.late:
            raise Stopped(out_of_time(self._limits))
        self.calls.enter(asked.pop("at", None))
        handler = getattr(self, f"_on_{str(what).replace(' ', '_')}")
        try:
            return _dumps(handler(**{name: value for name, value in asked.items() if name != "what"}))
        except (AttributeError, TypeError, ValueError, OverflowError) as error:
            raise Refused(f"this cannot be asked so: {error}") from None

    def _on_kinds(self, model: str) -> Kinds:
        kinds = self.kinds_for(model)
        if kinds is None:
            client = self.calls.odoo()
            self._learn(model, self.calls.read(lambda: client.fields_get(model, ("type", "relation"))))
            self.sent(model, self.rows(model).by_id.values())
        return self._kinds[model]

    def _on_fields(self, model: str, context: Any, ids: list[int], name: str) -> list[Sent]:
        rows = self.rows(model, context)
        kinds = self._kinds.get(model, {})
        wanted = rows.lacking(ids, name, MOST_IDS)
        if wanted and set(ids) & set(wanted):
            names = sorted({name} | {one for one in self._mentioned if one in kinds})
            client = self.calls.odoo()
            found = self.calls.read(
                lambda: client.read(model, wanted, names, context=self.calls.merged(context))
            )
            for row in found:
                rows.add(row)
            rows.missing.update(set(wanted) - {row["id"] for row in found})
        return self.sent(model, rows.untold(ids, name, MOST_IDS), name)

    def _on_search(
        self, model: str, context: Any, domain: Any, limit: Any, offset: Any, order: Any
    ) -> list[int]:
        client, merged = self.calls.odoo(), self.calls.merged(context)
        ids = self.calls.read(
            lambda: client.search(
                model, domain, limit=limit, offset=offset or 0, order=order or None, context=merged
            )
        )
        self.rows(model, context).known.update(dict.fromkeys(ids))
        return ids

    def _on_search_count(self, model: str, context: Any, domain: Any, limit: Any) -> int:
        client, merged = self.calls.odoo(), self.calls.merged(context)
        count = self.calls.read(lambda: client.search_count(model, domain, context=merged))
        return min(count, limit) if limit else count

    def _on_search_read(
        self, model: str, context: Any, domain: Any, fields: Any, limit: Any, offset: Any, order: Any
    ) -> list[Row]:
        names = _named(fields, "search_read")
        client, merged = self.calls.odoo(), self.calls.merged(context)
        return self.calls.read(
            lambda: client.search_read(
                model, domain, names, limit=limit, offset=offset or 0, order=order or None, context=merged
            )
        )

    def _on_read(self, model: str, context: Any, ids: list[int], fields: Any) -> list[Row]:
        names = _named(fields, "read")
        client, merged = self.calls.odoo(), self.calls.merged(context)
        return self.calls.read(lambda: client.read(model, ids, names, context=merged)) if ids else []

    def _on_exists(self, model: str, context: Any, ids: list[int]) -> list[int]:
        client, merged = self.calls.odoo(), {**(self.calls.merged(context) or {}), "active_test": False}
        return self.calls.read(lambda: client.search(model, [("id", "in", ids)], context=merged))

    def _on_create(self, model: str, context: Any, rows: list[Any]) -> list[int]:
        self._check_may_change("create")
        client, merged = self.calls.odoo(), self.calls.merged(context)
        return self.calls.change(lambda: client.create(model, rows, context=merged))

    def _on_write(self, model: str, context: Any, ids: list[int], values: Any) -> bool:
        self._check_may_change("write")
        client, merged = self.calls.odoo(), self.calls.merged(context)
        self.calls.change(lambda: client.write(model, ids, values, context=merged))
        return True

    def _on_unlink(self, model: str, context: Any, ids: list[int]) -> bool:
        self._check_may_change("unlink")
        client, merged = self.calls.odoo(), self.calls.merged(context)
        self.calls.change(lambda: client.unlink(model, ids, context=merged))
        return True

    def _on_copy(self, model: str, context: Any, ids: list[int], values: Any) -> list[int]:
        self._check_may_change("copy")
        client, merged = self.calls.odoo(), self.calls.merged(context)
        made = self.calls.change(lambda: client.execute(model, "copy", ids, values, context=merged))
        return made if isinstance(made, list) else [made]

    def _on_call(
        self, model: str, context: Any, ids: Any, method: str, args: list[Any], kwargs: dict[str, Any]
    ) -> dict[str, Any]:
        if method.startswith("_"):
            raise Refused(f"{method}() is private in Odoo and cannot be called")
        changes = method not in READING
        if changes:
            self._check_may_change(method)
        given = [*([] if ids is None or method in OF_THE_MODEL else [ids]), *args]
        client, merged = self.calls.odoo(), self.calls.merged(kwargs.pop("context", None) or context)

        def call() -> Any:
            return client.execute(model, method, *given, context=merged, **kwargs)

        return {"changed": changes, "result": self.calls.change(call) if changes else self.calls.read(call)}

    def _check_may_change(self, method: str) -> None:
        """Here, whatever the sandbox has asked before: what a script makes of that is the script's. Raises Refused."""
        if not self._changes:
            raise Refused(f"{method}() may change Odoo: only a script of kind “execute” may call it")

    def _on_ref(self, xmlid: str) -> Any:
        module, dot, name = str(xmlid).partition(".")
        if not dot:
            raise Refused(f"“{xmlid}” is no external id: it has the form module.name")
        if xmlid not in self._refs:
            client = self.calls.odoo()
            found = self.calls.read(
                lambda: client.search_read(
                    "ir.model.data",
                    [("module", "=", module), ("name", "=", name)],
                    ["model", "res_id"],
                    limit=1,
                )
            )
            self._refs[xmlid] = [found[0]["model"], found[0]["res_id"]] if found else None
        return self._refs[xmlid]

    def _on_uid(self) -> int:
        return self.calls.read(self.calls.odoo().authenticate)

    def _on_context(self) -> dict[str, Any]:
        return {**self.calls.odoo().access.context, **self._context}

    def _on_zone(self, zone: str, local: bool, moment: str, summer: bool | None = False) -> list[Any]:
        return dates.offset(zone, moment, local=local, summer=summer)

    def _on_parse_date(self, text: str) -> str:
        return dates.parsed(text)

    def _forget(self) -> None:
        for rows in self._rows.values():
            rows.by_id.clear()
            rows.missing.clear()
            rows.told.clear()

    def _learn(self, model: str, facts: Mapping[str, Mapping[str, Any]]) -> None:
        if facts:
            self._kinds[model] = {**self._kinds.get(model, {}), **kinds_of(facts)}
            self._complete.add(model)


def _holds_rows(row: Row, relations: set[str] | None) -> bool:
    for name, value in row.items():
        kind = type(value)
        rows = kind is dict or (kind is list and value and type(value[0]) is dict)
        if rows and (relations is None or name in relations):
            return True
    return False


def _named(fields: Any, method: str) -> list[str]:
    if not fields:
        raise Refused(f"{method}() has to name the fields: {method}(…, fields=['name'])")
    return list(fields)


def _dumps(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, default=str)
