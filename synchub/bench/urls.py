"""What the API is compared with: bare views over the hub's tables, and a ModelViewSet over columns of its own."""

import uuid

import orjson
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ModelViewSet

from synchub.bench.plain import Contact, ContactPages, ContactSerializer

_INSERT = """
    WITH record AS (
        INSERT INTO endpoints_record (endpoint_id, handle, external_id, document, "values", fragments, write_date,
            state, problem, digest, version, created_at, updated_at)
        VALUES (%s, %s, %s, %s, %s, '{}', '', 'pending', '', '', 1, now(), now()) RETURNING id)
    INSERT INTO endpoints_change (endpoint_id, record_id, operation, "values", fragments, state, attempts, not_before, bulk,
        sent, error, request_id, access_key, created_at)
    SELECT %s, id, 'create', %s, '{}', 'pending', 0, now(), false, false, '', '', '', now() FROM record"""


def records(request: HttpRequest, endpoint: int) -> HttpResponse:
    """A hundred documents unchanged, or a new one with its change in one statement."""
    with connection.cursor() as cursor:
        if request.method == "POST":
            body = orjson.loads(request.body)
            text = orjson.dumps(body).decode()
            cursor.execute(_INSERT, [endpoint, uuid.uuid4(), body["customer_id"], text, text, endpoint, text])
            return HttpResponse(text, status=201, content_type="application/json")
        cursor.execute(
            "SELECT document FROM endpoints_record WHERE endpoint_id = %s AND deleted_at IS NULL ORDER BY id "
            "LIMIT 100 OFFSET %s",
            [endpoint, int(request.GET.get("offset", "0"))],
        )
        joined = ",".join(row[0] for row in cursor.fetchall())
    return HttpResponse('{"results":[' + joined + "]}", content_type="application/json")


def record(_request: HttpRequest, endpoint: int, name: str) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT document FROM endpoints_record WHERE endpoint_id = %s AND external_id = %s AND deleted_at IS NULL",
            [endpoint, name],
        )
        (document,) = cursor.fetchone()
    return HttpResponse(document, content_type="application/json")


class ContactViewSet(ModelViewSet[Contact]):
    """As in DRF's tutorial."""

    queryset = Contact.contacts.order_by("id")
    serializer_class = ContactSerializer
    pagination_class = ContactPages
    lookup_field = "customer_id"


router = SimpleRouter(trailing_slash=False)
router.register("contacts", ContactViewSet)

urlpatterns = [
    path("raw/<int:endpoint>", records),
    path("raw/<int:endpoint>/<str:name>", record),
    path("", include(router.urls)),
]
