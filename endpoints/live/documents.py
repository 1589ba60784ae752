"""Odoo's rows as the documents that a live endpoint shows."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from endpoints.incoming import Stored
from endpoints.models import SyncState
from endpoints.registry import EndpointSpec
from mappings import languages, nested, untold
from mappings.convert import document_text, external_id, from_row, present, without
from mappings.sparing import Sparing
from synchub.odoo import OdooClient

logger = logging.getLogger(__name__)


def documents_of(
    endpoint: EndpointSpec,
    rows: Sequence[Mapping[str, Any]],
    client: OdooClient,
    sparing: Sparing | None = None,
) -> list[str]:
    spec, left_out = endpoint.mapping, dict[int, dict[str, str]]()
    rows = languages.added(spec, rows, client, left_out=left_out, sparing=sparing)
    _note(endpoint, (untold.problem(spec, one, fields) for one, fields in left_out.items()))
    inner = nested.Reader(endpoint.connection_id, client, sparing).inner(spec, rows)
    _note(endpoint, (one.problem for one in inner))
    if sparing is not None and sparing.unsure:
        return _without_unsure(endpoint, rows, inner, sparing)
    return [
        document_text(spec, from_row(spec, row), one.fragments) for row, one in zip(rows, inner, strict=True)
    ]


def _without_unsure(
    endpoint: EndpointSpec, rows: Sequence[Mapping[str, Any]], inner: Sequence[nested.Inner], sparing: Sparing
) -> list[str]:
    spec, unsure = endpoint.mapping, sparing.unsure
    left_out = "; ".join(f"{model}: {', '.join(sorted(fields))}" for model, fields in unsure.items())
    logger.warning(
        "Of a list of “%s” fields are left out, since Odoo does not tell them of too many records (%s).",
        endpoint.name, left_out,
    )  # fmt: skip
    documents = [
        without(spec, present(spec, from_row(spec, row), one.fragments), unsure.get(spec.model, ()))
        for row, one in zip(rows, inner, strict=True)
    ]
    return [orjson.dumps(one).decode() for one in documents]


def noted(endpoint: EndpointSpec, told: untold.Told) -> list[dict[str, Any]]:
    _note(endpoint, (untold.problem(endpoint.mapping, one, fields) for one, fields in told.fields.items()))
    return told.rows


def _note(endpoint: EndpointSpec, problems: Iterable[str]) -> None:
    """There is no record here that could tell it in admin."""
    if said := list(dict.fromkeys(filter(None, problems))):
        text = " ".join(said[:3]).replace(untold.READ_AGAIN, "")
        logger.warning("Of “%s” null is shown: %s", endpoint.name, text)


def stored_as(endpoint: EndpointSpec, rows: Sequence[Mapping[str, Any]], client: OdooClient) -> list[Stored]:
    names = [external_id(endpoint.mapping, from_row(endpoint.mapping, row)) for row in rows]
    documents = documents_of(endpoint, rows, client)
    return [
        Stored(None, name, document, SyncState.SYNCED, 0)
        for name, document in zip(names, documents, strict=True)
    ]
