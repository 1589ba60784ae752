"""`POST /odoo_events/<token>`: Odoo says that it has touched a record.

An automation rule of Odoo's (17 and later) with the action “Send Webhook Notification” posts `{"_model", "_id", …}` for
each record and waits a second for the answer: it is answered at once, and the record read afterwards. Of the body nothing
but the model and the id is believed. Where something in between signs what it passes on, with the token as its key
(`X-Hub-Signature-256: sha256=…`, HMAC over the body), the signature has to be right.
"""

import hashlib
import hmac
import json
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from endpoints import touched, wakeup
from endpoints.api import auditing
from endpoints.api.body import announced
from endpoints.api.errors import ApiError, message
from mappings.models import Connection, webhook_digests
from synchub.audit.log import take
from synchub.audit.redact import HIDDEN
from synchub.odoo.wire import unsendable_text

LARGEST = 1_000_000  # bytes; Odoo sends the fields that its rule names along
_MODEL_LENGTH, _LAST_ID = 128, 2**31 - 1


@csrf_exempt
def odoo_event(request: HttpRequest, token: str) -> HttpResponse:
    log = auditing.Log(request, request.path.replace(token, HIDDEN), token)
    try:
        response = _answered(request, token, log)
    except Exception as error:
        log.broke(error)
        raise
    log.finish(response)
    return response


def _answered(request: HttpRequest, token: str, log: auditing.Log) -> HttpResponse:
    if request.method != "POST":
        return message("Odoo posts here.", 405, {"Allow": "POST"})
    connection = (
        Connection.objects.filter(webhook_digest__in=webhook_digests(token)).only("pk", "name").first()
    )
    if connection is None:
        return message("There is no such address.", 404)
    log.connection = connection.name
    try:
        announced(request, LARGEST)
    except ApiError as error:
        return message(error.message, error.status)
    body = log.body = request.read(LARGEST + 1)
    signature = request.headers.get("X-Hub-Signature-256")
    if signature is not None and not _is_signed(body, token, signature):
        return message("The signature is not that of this body.", 401)
    event = _event(body)
    if event is None:
        return message("An event is an object with _model, a text, and _id, a number.", 400)
    with transaction.atomic():
        endpoints = touched.note(connection.pk, event[0], [event[1]])
        for endpoint_id in endpoints:
            wakeup.once_committed(wakeup.touched, endpoint_id)
        take(log)
    if not endpoints:
        return message(f"No endpoint keeps records of {event[0]}; nothing is to be done.", 200)
    return message("The record is read.", 202)


def _is_signed(body: bytes, token: str, signature: str) -> bool:
    expected = "sha256=" + hmac.new(token.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())


def _event(body: bytes) -> tuple[str, int] | None:
    try:
        given: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict):
        return None
    model, odoo_id = given.get("_model"), given.get("_id")
    if not isinstance(model, str) or not 0 < len(model) <= _MODEL_LENGTH or unsendable_text(model):
        return None
    if not isinstance(odoo_id, int) or isinstance(odoo_id, bool) or not 0 < odoo_id <= _LAST_ID:
        return None
    return model, odoo_id
