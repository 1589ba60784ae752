"""`load`: rows of an import, matched by external id, saved all together or not at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from demo.odoo import converters, crud, wiring
from demo.odoo.conditions import comparable
from demo.odoo.converters import REFERENCES, ImportProblem
from demo.odoo.env import Env, Values
from demo.odoo.errors import ConstraintError, DatabaseError, UserError
from demo.odoo.external_ids import IMPORT, give, kept, known, qualified
from demo.odoo.load_rows import Tree, check_path, records
from demo.odoo.models import MODELS, X2MANY, Field, Model

Message = dict[str, Any]
# After this many errors, and one in ten records, an import stops looking for more.
_TOO_MANY = 10


@dataclass
class Imported:
    """One record of an import: what it is called, which it is, what is to be written, where it stood."""

    xid: str
    record: int | None
    vals: Values
    info: Message


def load(env: Env, model: Model, fields: Sequence[str], data: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """`{"ids": [...] or False, "messages": [...], "nextrow": 0}`."""
    paths = [name.split("/") for name in fields]
    for path in paths:
        check_path(model, path)
    rows = [[*row, *[""] * (len(paths) - len(row))] for row in data]
    messages: list[Message] = []
    env.db.execute("SAVEPOINT load")
    ids: list[int] = []
    waiting: list[Imported] = []
    for number, (tree, start, end) in enumerate(records(model, paths, rows)):
        if _needs(model, tree, waiting):
            ids += _save(env, model, waiting, messages)
            waiting = []
        info = {"rows": {"from": start, "to": end}, "record": number}
        waiting.append(_convert(env, model, tree, info, messages))
    ids += _save(env, model, waiting, messages)
    if any(message["type"] == "error" for message in messages):
        env.db.execute("ROLLBACK TO load")
        return {"ids": False, "messages": messages, "nextrow": 0}
    env.db.execute("RELEASE load")
    return {"ids": ids, "messages": messages, "nextrow": 0}


def _needs(model: Model, tree: Tree, waiting: Sequence[Imported]) -> bool:
    """Does a record refer to one that waits to be saved, or is it that one once more?"""
    names = {qualified(one.xid) for one in waiting if one.xid}
    if waiting and tree.get("id") and qualified(str(tree["id"])) in names:
        return True
    for name, value in tree.items():
        field = model.fields.get(name or "")
        if waiting and field and field.relation == model.name and isinstance(value, dict):
            by_name, by_xid = value.get(None), value.get("id")
            if by_name or (by_xid and qualified(str(by_xid)) in names):
                return True
    return False


def _convert(env: Env, model: Model, tree: Tree, info: Message, messages: list[Message]) -> Imported:
    """One record; a value that cannot be taken becomes a message about its field."""
    vals: Values = {}

    def log(field: Field, problem: ImportProblem) -> None:
        message = problem.message.replace("%(field)s", field.label)
        entry = {**info, "type": problem.kind, "field": field.name, "message": message}
        if problem.about_field:
            entry["field_name"] = field.label
        if problem.moreinfo is not None:
            entry["moreinfo"] = problem.moreinfo
        messages.append(entry)

    for name, value in tree.items():
        if name in REFERENCES or name is None:
            continue
        field = model.field(name)
        try:
            vals[name] = _value(env, field, value, lambda problem, field=field: log(field, problem), info)  # type: ignore[misc]
        except ImportProblem as problem:
            log(field, problem)
    record = None
    if tree.get(".id"):
        record = _database_id(env, model, tree[".id"], info, messages)
    return Imported(str(tree.get("id") or ""), record, vals, info)


def _value(env: Env, field: Field, value: Any, warn: converters.Warn, info: Message) -> Any:
    if not value:
        return False
    if field.type not in ("many2one", *X2MANY):
        return converters.convert(env, field, value, warn)
    if field.type == "one2many":
        return list(_lines(env, field, value, warn, info))
    by = converters.reference(value)
    named = value[by]
    if field.type == "many2one":
        return converters.related_id(env, field, by, named, warn)
    names = str(named).split(",") if named else []
    return [(6, 0, [converters.related_id(env, field, by, one, warn) for one in names])]


def _lines(
    env: Env, field: Field, records: list[Tree], warn: converters.Warn, info: Message
) -> Iterator[tuple[int, Any, Any]]:
    target = MODELS[field.relation]
    if len(records) == 1 and not set(records[0]) - set(REFERENCES):
        by = converters.reference(records[0])
        records = [{by: one} for one in str(records[0][by]).split(",")]
    for tree in records:
        messages: list[Message] = []
        line = _convert(env, target, {k: v for k, v in tree.items() if k not in REFERENCES}, info, messages)
        for message in messages:
            text = message["message"].replace(
                f"'{message['field_name']}'", f"'{field.label}/{message['field_name']}'"
            )
            raise ImportProblem(text, message.get("moreinfo"), message["type"])
        references = {k: v for k, v in tree.items() if k in REFERENCES and v}
        if references:
            by = converters.reference(references)
            try:
                record = converters.related_id(env, field, by, references[by], warn)
            except ImportProblem:
                if by != "id":
                    raise
                # An external id that nobody has yet is the new line's.
                yield (0, 0, {**line.vals, "id": references[by]})
                continue
            yield (4, record, 0)
            yield (1, record, line.vals)
        else:
            yield (0, 0, line.vals)


def _database_id(env: Env, model: Model, value: Any, info: Message, messages: list[Message]) -> int | None:
    record = int(comparable(model.fields["id"], value))
    if not env.rows(f"SELECT 1 FROM {model.table} WHERE id = ?", record):  # noqa: S608 — a name of ours
        messages.append(
            {**info, "type": "error", "field": ".id", "message": f"Unknown database identifier '{value}'"}
        )
        return None
    return record


def _save(env: Env, model: Model, imported: list[Imported], messages: list[Message]) -> list[int]:
    """All at once; where that fails, one by one. Odoo tells the ids of both, where it was only at its end that the batch failed.

    Values that could not be taken are left out, so that what else is wrong is told as well. That all at once failed is told
    before, of the first record, where it is a message for people; but not twice in the same words.
    """
    if not imported:
        return []
    env.db.execute("SAVEPOINT batch")
    ids: list[int] = []
    whole: list[Message] = []
    try:
        collides = _collides(env, model, imported)
        ids = _save_batch(env, model, imported)
        if not collides:
            return ids
    except UserError as error:
        if not isinstance(error, ConstraintError):
            whole = [_message(imported[0], error)]
    except (ValueError, TypeError, DatabaseError, KeyError):
        pass
    env.db.execute("ROLLBACK TO batch")
    before = len(messages)
    ids += _save_singly(env, model, imported, messages)
    if any(message["type"] == "error" for message in messages[before:]):
        messages[:0] = [one for one in whole if one not in messages]
    return ids


def _collides(env: Env, model: Model, imported: list[Imported]) -> bool:
    """What a batch changes is written at its end, in one statement: the database refuses a unique value that another record
    has until then, though it gives it up in the same statement."""
    return any(
        env.rows(f'SELECT 1 FROM {model.table} WHERE "{name}" = ? AND id <> ?', value, one.record)  # noqa: S608 — names of ours
        for one in imported
        for name, value in one.vals.items()
        if one.record and len(imported) > 1 and (model.name, name) in wiring.UNIQUE
    )


def _message(one: Imported, error: UserError) -> Message:
    if not isinstance(error, ConstraintError):
        return {**one.info, "type": "error", "message": str(error)}
    about = {"field": error.field} if error.field else {}
    return {**one.info, "type": "error", "message": error.imported, **about}


def _save_singly(env: Env, model: Model, imported: list[Imported], messages: list[Message]) -> list[int]:
    ids: list[int] = []
    found: list[Message] = []
    for number, one in enumerate(imported, 1):
        env.db.execute("SAVEPOINT one")
        try:
            ids += _save_batch(env, model, [one])
        except UserError as error:
            found.append(_message(one, error))
        except (ValueError, TypeError, DatabaseError, KeyError) as error:
            text = f"Unknown error during import: {type(error)}: {error}"
            found.append(
                {**one.info, "type": "error", "message": text, "moreinfo": "Resolve other errors first"}
            )
        else:
            continue
        env.db.execute("ROLLBACK TO one")
        if len(found) >= _TOO_MANY and len(found) >= number / 10:
            text = (
                "Found more than 10 errors and more than one error per 10 records, interrupted to avoid showing"
                " too many errors."
            )
            found.append({"type": "warning", "message": text})
            break
    messages.extend(found)
    return ids


def _save_batch(env: Env, model: Model, imported: list[Imported]) -> list[int]:
    importing = env.with_context(_import_current_module=IMPORT)
    xids = [one.xid for one in imported if one.xid]
    records = known(env, model, xids)
    untouched = kept(env, xids) if env.context.get("mode") == "update" else set()
    ids: list[int] = []
    new: list[tuple[int, Imported]] = []
    for place, one in enumerate(imported):
        record = one.record or records.get(one.xid)
        ids.append(record or 0)
        if record and one.xid in untouched:
            continue
        if record:
            crud.write(importing, model, [record], one.vals)
        else:
            new.append((place, one))
    made = crud.create(importing, model, [one.vals for _place, one in new])
    for (place, _one), record in zip(new, made, strict=True):
        ids[place] = record
    pairs = zip(imported, ids, strict=True)
    give(
        env,
        model,
        [(qualified(one.xid), record) for one, record in pairs if one.xid and one.xid not in records],
    )
    return ids
