"""Answers what scripts in the sandbox ask: Odoo, through the batch's one client, and a few things about dates."""

import json
from collections.abc import Mapping
from typing import Any

import orjson

from mappings.scripts import dates
from mappings.scripts.calls import Calls, out_of_time
from mappings.scripts.data import Kind, Limits, ScriptError
from mappings.scripts.memory import Memory
from mappings.scripts.rows import FieldFacts, Kinds, Row, Sent
from mappings.scripts.worker import Refused, Stopped
from synchub.odoo import OdooClient
from synchub.odoo.client import READING

MOST_IDS = 1_000
# Methods of a model, not of records: their first argument is not a list of ids.
OF_THE_MODEL = frozenset(
    {
        "check_access_rights", "default_get", "fields_get", "get_views", "load", "name_create", "name_search",
        "read_group",
    }
)  # fmt: skip


class Bridge:
    """Answers the questions of all runs of one batch. `_on_…` are the questions, by their names in the sandbox."""

    def __init__(
        self,
        client: OdooClient | None,
        limits: Limits,
        fields: FieldFacts | None,
        context: Mapping[str, Any],
    ) -> None:
        self._limits = limits
        self._context = dict(context)
        self._refs: dict[str, Any] = {}
        self._changes = False
        self.memory = Memory(fields, can_ask=client is not None)
        self.calls = Calls(client, limits, context, self.memory.forget)

    def begin(self, mentioned: frozenset[str], *, changes: bool) -> None:
        """A script begins over the batch. `mentioned`: its names; `changes`: it may change Odoo."""
        self.memory.mentioned, self._changes = mentioned, changes
        self.calls.begin()

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
        kinds = self.memory.kinds_for(model)
        if kinds is None:
            client = self.calls.odoo()
            self.memory.learn(model, self.calls.read(lambda: client.fields_get(model, ("type", "relation"))))
            self.memory.sent(model, self.memory.rows(model).by_id.values())
        return self.memory.kinds[model]

    def _on_fields(self, model: str, context: Any, ids: list[int], name: str) -> list[Sent]:
        rows = self.memory.rows(model, context)
        kinds = self.memory.kinds.get(model, {})
        wanted = rows.lacking(ids, name, MOST_IDS)
        if wanted and set(ids) & set(wanted):
            names = sorted({name} | {one for one in self.memory.mentioned if one in kinds})
            client = self.calls.odoo()
            found = self.calls.read(
                lambda: client.read(model, wanted, names, context=self.calls.merged(context))
            )
            for row in found:
                rows.add(row)
            rows.missing.update(set(wanted) - {row["id"] for row in found})
        return self.memory.sent(model, rows.untold(ids, name, MOST_IDS), name)

    def _on_search(
        self, model: str, context: Any, domain: Any, limit: Any, offset: Any, order: Any
    ) -> list[int]:
        client, merged = self.calls.odoo(), self.calls.merged(context)
        ids = self.calls.read(
            lambda: client.search(
                model, domain, limit=limit, offset=offset or 0, order=order or None, context=merged
            )
        )
        self.memory.rows(model, context).known.update(dict.fromkeys(ids))
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
        """Raises Refused. Checked on this side, since a script can change what the sandbox checks."""
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


def _named(fields: Any, method: str) -> list[str]:
    if not fields:
        raise Refused(f"{method}() has to name the fields: {method}(…, fields=['name'])")
    return list(fields)


def _dumps(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, default=str)
