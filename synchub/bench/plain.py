"""The same ten values in columns, for a ModelViewSet. The table exists only while a benchmark runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from django.db import connection, models
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.serializers import ModelSerializer


class Contact(models.Model):
    customer_id = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=255)
    email = models.CharField(max_length=255)
    phone = models.CharField(max_length=255)
    street = models.CharField(max_length=255)
    city = models.CharField(max_length=255)
    zip = models.CharField(max_length=255)
    country = models.IntegerField()
    company = models.BooleanField()
    note = models.TextField()

    contacts: "ClassVar[models.Manager[Contact]]" = models.Manager()

    class Meta:
        app_label = "bench"
        managed = False
        db_table = "bench_contact"

    def __str__(self) -> str:
        return self.customer_id


class ContactSerializer(ModelSerializer[Contact]):
    class Meta:
        model = Contact
        fields = [
            "customer_id",
            "name",
            "email",
            "phone",
            "street",
            "city",
            "zip",
            "country",
            "company",
            "note",
        ]


class ContactPages(LimitOffsetPagination):
    default_limit = 100


@contextmanager
def table(rows: int) -> Iterator[None]:
    _drop()
    with connection.schema_editor() as editor:
        editor.create_model(Contact)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO bench_contact (customer_id, name, email, phone, street, city, zip, country, company, note)
                   SELECT 'bench-' || n, 'Benchmark ' || n, 'b' || n || '@bench.example', '+1 555', n || ' Main St',
                       'Springfield', lpad(n::text, 5, '0'), 1, n %% 2 = 1, '<p>made by a benchmark</p>'
                   FROM generate_series(0, %s - 1) AS n""",
                [rows],
            )
            cursor.execute("ANALYZE bench_contact")
        yield
    finally:
        _drop()


def _drop() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_contact")
