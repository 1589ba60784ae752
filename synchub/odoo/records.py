"""The calls that the hub makes all the time, with types: a thin layer over `execute`."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synchub.errors import OdooPermanent, OdooRetryable, OdooUnknownOutcome
from synchub.odoo import older
from synchub.odoo.faults import UNFORESEEN, is_aborted, is_passing
from synchub.odoo.wire import sendable_rows

Context = Mapping[str, Any] | None
Domain = Sequence[Any]

# All attributes of all fields of a large model are megabytes, and some need rights that a user may lack.
NAMED = (
    "string",
    "type",
    "required",
    "readonly",
    "store",
    "depends",
    "selection",
    "relation",
    "relation_field",
    "size",
    "digits",
    "translate",
    "company_dependent",
    "searchable",
    "sortable",
    "help",
)

# What a model answers whose own `search_read` takes less than that of all others, as project.tags has one.
_TAKES_NO_LOAD = "search_read() got an unexpected keyword argument 'load'"
# Without it an html text that is written in one language goes over those of all others.
_ONE_LANGUAGE = {"delay_translations": True}


@dataclass(frozen=True, slots=True)
class LoadMessage:
    """What `load` says about a row: `type` "error" or "warning", `record` the row from 0 or None for all."""

    type: str
    message: str
    record: int | None = None
    field: str | None = None


class RowsBusy(OdooRetryable):
    """Nothing was saved, since other transactions of Odoo's had some of these records just then: `messages` tell which."""

    def __init__(self, messages: "list[LoadMessage]") -> None:
        super().__init__(next(one.message for one in messages if is_passing(one.message)), code=UNFORESEEN)
        self.messages = messages


@dataclass(frozen=True, slots=True)
class LoadResult:
    """`ids` in the order of the rows; None when a message is an error, and then nothing was saved."""

    ids: list[int] | None
    messages: list[LoadMessage]


class RecordCalls(ABC):
    """`search` to `fields_get`. many2one values are bare ids (False if empty): `load=''` is always given."""

    _searched_apart: set[str]
    """Models that were found to need two calls: see `search_read`."""

    @abstractmethod
    def execute(
        self, model: str, method: str, /, *args: Any, context: Context = None, **kwargs: Any
    ) -> Any: ...

    def search(
        self,
        model: str,
        domain: Domain,
        *,
        limit: int | None = None,
        offset: int = 0,
        order: str | None = None,
        context: Context = None,
    ) -> list[int]:
        """Ids in `order`; without one the order is the model's own, which is no order to page by."""
        page = _page(limit, offset, order)
        ids = _list(self.execute(model, "search", list(domain), context=context, **page))
        if not all(type(one) is int for one in ids):
            raise OdooUnknownOutcome("Odoo did not answer with ids.")
        return ids

    def search_read(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        *,
        limit: int | None = None,
        offset: int = 0,
        order: str | None = None,
        context: Context = None,
    ) -> list[dict[str, Any]]:
        """Records as dicts with `id` and the fields named, in `order` (see `search`).

        Where the model has a `search_read` of its own that knows no `load`, what it does is done in two calls.
        """
        page = _page(limit, offset, order)
        if model not in self._searched_apart:
            try:
                answer = self.execute(
                    model,
                    "search_read",
                    list(domain),
                    fields=list(fields),
                    load="",
                    context=context,
                    **page,
                )
                return _rows(answer)
            except OdooPermanent as error:
                if _TAKES_NO_LOAD not in error.message:
                    raise
                self._searched_apart.add(model)
        ids = self.search(model, domain, limit=limit, offset=offset, order=order, context=context)
        return self.read(model, ids, fields, context=context) if ids else []

    def search_count(self, model: str, domain: Domain, *, context: Context = None) -> int:
        """How many records match."""
        count = self.execute(model, "search_count", list(domain), context=context)
        if type(count) is not int:
            raise OdooUnknownOutcome("Odoo did not answer with a number.")
        return count

    def read(
        self, model: str, ids: Iterable[int], fields: Sequence[str], *, context: Context = None
    ) -> list[dict[str, Any]]:
        """Records as dicts with `id`; those that do not exist are missing, not an error."""
        answer = self.execute(model, "read", list(ids), fields=list(fields), load="", context=context)
        return _rows(answer)

    def external_ids(self, model: str, ids: Iterable[int]) -> dict[int, list[str]]:
        """By id, under which external ids Odoo knows these records. Unlike `ir.model.data`, whose rows Odoo shows to few,
        it takes no other right than to read them."""
        rows = _list(self.execute(model, "get_metadata", list(ids)))
        # One name alone is what older versions tell.
        return {row["id"]: [one["xmlid"] for one in row.get("xmlids", [row]) if one["xmlid"]] for row in rows}

    def create(
        self, model: str, values_list: Iterable[Mapping[str, Any]], *, context: Context = None
    ) -> list[int]:
        """Ids of the new records, in order. All of them are created or none is."""
        values = list(values_list)
        if not values:
            return []
        ids = self.execute(model, "create", values, context=context)
        if not isinstance(ids, list) or len(ids) != len(values):
            raise OdooUnknownOutcome(f"Odoo did not say which records of {model} it created.")
        return ids

    def write(
        self, model: str, ids: Iterable[int], values: Mapping[str, Any], *, context: Context = None
    ) -> None:
        """Give all these records the same values."""
        self.execute(model, "write", list(ids), values, context=_ONE_LANGUAGE | dict(context or {}))

    def unlink(self, model: str, ids: Iterable[int], *, context: Context = None) -> None:
        """Delete records. Raises OdooPermanent if one of them does not exist, and deletes none then."""
        self.execute(model, "unlink", list(ids), context=context)

    def load(
        self, model: str, fields: Sequence[str], rows: Iterable[Sequence[Any]], *, context: Context = None
    ) -> LoadResult:
        """Create or update by external id, field `id` in `fields`, or by Odoo's own, `.id`; a row without either is more of the one
        above. All or nothing.

        Raises OdooRetryable where a message is a passing failure of the database, which comes as an answer
        here, as if it were the fault that other methods make of it; RowsBusy where it is told of which records.
        """
        checked = sendable_rows(fields, rows)
        try:
            answer = self.execute(
                model, "load", list(fields), checked, context=_ONE_LANGUAGE | dict(context or {})
            )
        except OdooPermanent as error:
            if (plainer := older.unknown_column(error, fields)) is not None:
                raise plainer from error
            raise
        if not isinstance(answer, dict):
            raise OdooUnknownOutcome(f"Odoo did not say what became of the rows loaded into {model}.")
        messages = [_message(raw) for raw in answer.get("messages") or []]
        passing = [one for one in messages if is_passing(one.message)]
        # Of a transaction that is aborted as a whole, the first record bears the message.
        if any(one.record is None or is_aborted(one.message) for one in passing):
            raise OdooRetryable(passing[0].message, code=UNFORESEEN)
        if passing:
            raise RowsBusy(messages)
        ids = answer.get("ids")
        return LoadResult(_once(ids, fields, checked) if isinstance(ids, list) else None, messages)

    def fields_get(
        self, model: str, attributes: Sequence[str] = NAMED, *, context: Context = None
    ) -> dict[str, dict[str, Any]]:
        """Fields by name, each with those of the attributes that it has."""
        fields = self.execute(model, "fields_get", attributes=list(attributes), context=context)
        if not isinstance(fields, dict):
            raise OdooUnknownOutcome(f"Odoo did not describe the fields of {model}.")
        return fields


def _page(limit: int | None, offset: int, order: str | None) -> dict[str, Any]:
    page: dict[str, Any] = {"offset": offset} if offset else {}
    if limit is not None:
        page["limit"] = limit
    if order:
        page["order"] = order
    return page


def _list(answer: Any) -> list[Any]:
    if not isinstance(answer, list):
        raise OdooUnknownOutcome("Odoo did not answer with a list.")
    return answer


def _rows(answer: Any) -> list[dict[str, Any]]:
    """Records that can be told apart. What was asked for may be missing: res.users leaves out some fields that it says it has."""
    rows = _list(answer)
    if not all(type(row) is dict and type(row.get("id")) is int for row in rows):
        raise OdooUnknownOutcome("Odoo did not answer with records.")
    return rows


def _once(ids: list[int], fields: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """An id for each record. What Odoo cannot save together but can one by one, it tells twice: first as it was tried."""
    name = next((place for place, field in enumerate(fields) if field in ("id", ".id")), None)
    number = len(rows) if name is None else sum(bool(row[name]) for row in rows)
    if len(ids) not in (number, 2 * number):
        raise OdooUnknownOutcome("Odoo did not say which records the loaded rows have become.")
    return ids[-number:]


def _message(raw: Mapping[str, Any]) -> LoadMessage:
    record, field = raw.get("record"), raw.get("field")
    return LoadMessage(
        type=str(raw.get("type") or "error"),
        message=str(raw.get("message") or ""),
        record=record if isinstance(record, int) and not isinstance(record, bool) else None,
        field=field if isinstance(field, str) else None,
    )
