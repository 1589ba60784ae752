"""How fast scripts convert a page, compared with plain lines that make the same documents.

Odoo answers at once, from memory. What is left is the hub's own work on a page: what a pull does between Odoo's answer and
the database, and what a request does before its write is stored.
"""

from collections.abc import Callable, Sequence
from math import inf
from time import perf_counter
from typing import Any

import orjson

from endpoints import mirror
from mappings import scripted
from mappings.convert import document_text, from_row
from mappings.nested import Reader
from mappings.payload import read_payload
from mappings.spec import MappingSpec
from synchub import collector
from synchub.bench.script_cases import CASES, Row, odoo, orders, requests, spec_of
from synchub.bench.table import Group
from synchub.odoo import OdooClient

NO_CONNECTION = 0  # its models are unknown to the hub: the client tells their fields
TRIES = 12  # in each round; the best counts, since other work on the machine only slows a try down
Say = Callable[[str], None]


def run(count: int, rounds: int, say: Say) -> list[Group]:
    """Pages of `count` records; in each round the ways take turns, and the best try of each counts."""
    collector.spare()  # as a worker does when it begins
    say(f"pages of {count} records, {rounds} rounds; Odoo's own time is left out")
    groups = []
    for case in CASES:
        group = Group(f"{case.way}: {case.title}", "records/s")
        ways = {"with a script": spec_of(case.scripted), "without": spec_of(case.plain)}
        convert = _shown if case.way == "from Odoo" else _written
        client = odoo(count)
        page = orders(count) if case.way == "from Odoo" else requests(count, case.plain)
        documents = [convert(spec, page, client) for spec in ways.values()]
        if case.way == "from Odoo" and list(map(orjson.loads, documents[0])) != list(
            map(orjson.loads, documents[1])
        ):
            raise RuntimeError(f"Script and lines do not make the same: {documents[0][0]} {documents[1][0]}")
        for _ in range(rounds):
            best = dict.fromkeys(ways, inf)
            for _ in range(TRIES):
                for name, spec in ways.items():
                    begun = perf_counter()
                    convert(spec, page, client)
                    best[name] = min(best[name], perf_counter() - begun)
            for name, seconds in best.items():
                group.add(name, count / seconds)
        groups.append(group)
    return groups


def _shown(spec: MappingSpec, rows: Sequence[Row], client: OdooClient) -> list[Any]:
    made = []
    for row, inner in zip(rows, Reader(NO_CONNECTION, client).inner(spec, rows), strict=True):
        if inner.problem:
            raise RuntimeError(inner.problem)
        read = mirror.Read(from_row(spec, row), inner.fragments, row["write_date"])
        mirror.digest(spec, read)
        made.append(document_text(spec, read.values, read.fragments))
    return made


def _written(spec: MappingSpec, requests: Sequence[Row], client: OdooClient) -> list[Any]:
    written = [read_payload(spec, request, creating=True) for request in requests]
    if spec.scripted_in:
        scripted.written(spec, NO_CONNECTION, [(request, None) for request in requests], client)
    return written
