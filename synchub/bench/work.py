"""`python -m synchub.bench.work URL DATABASE LOGIN PASSWORD`: one of the processes of `workers`."""

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import django

from synchub.bench.odoo import Address, Raw

BATCH = 500
Job = dict[str, Any]


def main(arguments: Sequence[str]) -> None:
    django.setup()
    from django.db import connection

    from synchub import collector

    raw = Raw(Address(*arguments))
    connection.ensure_connection()
    collector.spare()  # as a worker does when it begins
    print(json.dumps("ready"), flush=True)  # noqa: T201
    for line in sys.stdin:
        job = json.loads(line)
        answer = _JOBS[job["do"]](raw, job)
        print(json.dumps(answer), flush=True)  # noqa: T201


def _push(_raw: Raw, job: Job) -> None:
    from endpoints import registry
    from synchub.sync.push import push

    registry.clear()
    while push(registry.get(job["endpoint"])):
        pass


def _pull(_raw: Raw, job: Job) -> None:
    from endpoints import registry
    from synchub.sync.pull import pull

    registry.clear()
    pull(registry.get(job["endpoint"]))


def _sweep(_raw: Raw, job: Job) -> None:
    from endpoints import registry
    from synchub.sync.deletions import sweep

    registry.clear()
    sweep(registry.get(job["endpoint"]))


def _create(raw: Raw, job: Job) -> list[int]:
    made: list[int] = []
    for rows in _batches(job["work"], job.get("batch", BATCH)):
        made += raw("create", rows, context=job["context"])
    return made


def _load(raw: Raw, job: Job) -> list[int]:
    """Rows of cells under `job["fields"]`."""
    made: list[int] = []
    for rows in _batches(job["work"], BATCH):
        result = raw("load", job["fields"], rows, context=job["context"])
        if not result["ids"]:
            raise RuntimeError(f"Odoo refused a row: {result['messages'][:1]}")
        made += result["ids"]
    return made


def _write(raw: Raw, job: Job) -> None:
    for odoo_id, values in job["work"]:
        raw("write", [odoo_id], values, context=job["context"])


def _unlink(raw: Raw, job: Job) -> None:
    for ids in _batches(job["work"], BATCH):
        raw("unlink", ids, context=job["context"])


def _read(raw: Raw, job: Job) -> int:
    """Reads page by page in order of id, and does nothing with the rows."""
    last, seen = 0, 0
    while True:
        page = raw(
            "search_read",
            [*job["domain"], ["id", ">", last]],
            fields=job["fields"],
            limit=job["page"],
            order="id",
        )
        seen += len(page)
        if len(page) < job["page"]:
            return seen
        last = page[-1]["id"]


def _ids(raw: Raw, job: Job) -> int:
    last, seen = 0, 0
    while True:
        page = raw("search", [*job["domain"], ["id", ">", last]], limit=job["page"], order="id")
        seen += len(page)
        if len(page) < job["page"]:
            return seen
        last = page[-1]


def _batches(work: Sequence[Any], size: int) -> list[list[Any]]:
    return [list(work[start : start + size]) for start in range(0, len(work), size)]


_JOBS: dict[str, Callable[[Raw, Job], Any]] = {
    "push": _push,
    "pull": _pull,
    "create": _create,
    "load": _load,
    "write": _write,
    "unlink": _unlink,
    "read": _read,
    "sweep": _sweep,
    "ids": _ids,
}

if __name__ == "__main__":
    main(sys.argv[1:])
