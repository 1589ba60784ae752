"""What every test may use: real PostgreSQL and Redis (from the environment), a practice Odoo, a configured hub."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import hypothesis
import orjson
import pytest

from demo.odoo import PracticeOdoo

if TYPE_CHECKING:
    from synchub.odoo import OdooClient

# Folders whose tests share a hub, of real processes: starting one takes longer than most of them.
SHARING = ("browser", "contract", "e2e", "faults")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--sequences", type=int, default=12, help="how many sequences of steps tests/machine tries"
    )


def pytest_configure() -> None:
    """Requests are read as the server reads them. Under `-n` each process has a Redis database of its own, as it has one
    of PostgreSQL's."""
    from django.conf import settings
    from django.test import client

    from synchub.request import HubRequest

    client.WSGIRequest = HubRequest  # type: ignore[attr-defined]
    # Each client of a test is a server of its own, which would look through all files of the pages when it begins.
    settings.WHITENOISE_AUTOREFRESH = True
    # A machine on which others are busy as well is not what these look for.
    hypothesis.settings.register_profile("hub", deadline=None)
    hypothesis.settings.load_profile("hub")
    number = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if number:
        address = urlsplit(settings.REDIS_URL)._replace(path=f"/{int(number) + 1}").geturl()
        settings.REDIS_URL = settings.CELERY_BROKER_URL = address


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Under `--dist loadgroup` one process runs the tests of a file, and those of a folder that shares a hub."""
    for item in items:
        shares = item.path.parent.name in SHARING
        if shares:
            item.add_marker(pytest.mark.processes)
        together = item.path.parent if shares else item.path
        item.add_marker(pytest.mark.xdist_group(str(together.relative_to(Path(__file__).parent))))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """What the programs said belongs to the report of a test that failed."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    found = getattr(item, "funcargs", {}).get("stack")
    if report.failed and found is not None:
        for log in sorted(found.folder.glob("*.log")):
            report.sections.append((log.name, log.read_text(errors="replace")[-4000:]))


@pytest.fixture(autouse=True)
def _compiled_endpoints_are_not_shared() -> Iterator[None]:
    """Each test has a database of its own; what was compiled from another's must not be served."""
    from endpoints import registry

    registry.clear()
    yield
    registry.clear()


@pytest.fixture
def same_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it has changed is not asked each second: a look more where statements are counted."""
    monkeypatch.setattr("endpoints.registry.current.CHECK_EVERY", 60.0)


@pytest.fixture(autouse=True)
def _nothing_is_left_over() -> Iterator[None]:
    """Neither requests that wait to be written to the audit log or were counted (of an earlier endpoint of the same id, or
    of the descriptions, which are counted by address), nor that Redis was away a moment ago, nor when which queue was
    served, nor that forgetting goes on or changes stand still."""
    from endpoints import limiter, wakeup
    from endpoints.api.strangers import STRANGERS
    from synchub import attendance, redis_client, unwritten
    from synchub.audit.buffer import BUFFER

    BUFFER.empty()
    STRANGERS.forget()
    redis_client._quiet_until = 0.0
    with suppress(redis_client.RedisAway), redis_client.redis_if_there() as client:
        counted = client.scan_iter(f"{limiter.PREFIX}*", count=1000)
        client.delete(
            *map(attendance.key, (attendance.HOUSEKEEPING, *attendance.CALLED)),
            unwritten.KEY,
            wakeup.CLEANING,
            *counted,
        )
    yield
    BUFFER.empty()
    redis_client._quiet_until = 0.0


@pytest.fixture(autouse=True)
def _audit_log_is_written_by_hand() -> Iterator[None]:
    """The thread that writes it has a connection of its own, and would write past the test's transaction."""
    from synchub.audit.buffer import BUFFER

    BUFFER.in_background = False
    BUFFER.empty()
    yield
    BUFFER.empty()


@pytest.fixture
def transactional_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """As pytest-django's, a database for real commits, but emptied by rows.

    TRUNCATE gives every table and index new files, which takes ten times as long for tables this small.
    """
    from django.db import connection, transaction

    kept = {"django_content_type", "auth_permission"}  # made by migrate, the same for all tests
    with django_db_blocker.unblock():
        yield
        tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
        with transaction.atomic(), connection.cursor() as cursor:
            # In one message: each of its own would take longer to travel than to be done.
            cursor.execute("; ".join(f'DELETE FROM "{table}"' for table in tables if table not in kept))


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a practice Odoo as each test finds it. Making them anew for each took a tenth of all computing."""
    path = tmp_path_factory.mktemp("practice") / "seeded.sqlite"
    with PracticeOdoo(seed_records=30, data=path):
        return path


@pytest.fixture
def practice(seeded: Path, tmp_path: Path) -> Iterator[PracticeOdoo]:
    """An Odoo with a few dozen records, reached over a real socket."""
    with PracticeOdoo(data=shutil.copy(seeded, tmp_path / "practice.sqlite")) as odoo:
        yield odoo


@pytest.fixture
def hub(practice: PracticeOdoo, transactional_db: None) -> "Hub":
    """A hub connected to the practice Odoo, with nothing in it yet."""
    return Hub(practice)


class _Beside:
    """What Odoo says of its fields, past the network: setting up is not what is tested, and took a seventh of all time."""

    def __init__(self, odoo: PracticeOdoo) -> None:
        self._odoo = odoo

    def fields_get(self, model: str) -> Any:
        from synchub.odoo.records import NAMED

        return orjson.loads(orjson.dumps(self._odoo.answer(model, "fields_get", attributes=list(NAMED))))

    def search_read(self, model: str, domain: Any, fields: Any, *, order: str) -> Any:
        return self._odoo.answer(model, "search_read", domain, fields=fields, order=order)


class Hub:
    """Sets up endpoints as admin would, and runs the engine's stories in this process."""

    def __init__(self, odoo: PracticeOdoo) -> None:
        from mappings.models import Connection

        self.odoo = odoo
        self.connection = Connection.objects.create(
            name="practice", url=odoo.url, database=odoo.database, login=odoo.login, secret=odoo.password
        )

    def endpoint(
        self,
        name: str,
        model: str,
        lines: dict[str, Any],
        *,
        parameters: dict[str, Any] | None = None,
        **options: Any,
    ) -> Any:
        """An endpoint over a mapping of its own.

        `lines` is {key: field} or {key: {"field": …, "identifier": True, …}}, `parameters` {key: (field, operator)}.
        """
        from endpoints.models import Endpoint, Parameter

        mapping = self.mapping(name, model, lines)
        endpoint = Endpoint.objects.create(
            name=name,
            mapping=mapping,
            **{"auth": "none", "rate_per_address": None, "rate_per_key": None} | options,
        )
        for key, (field, operator) in (parameters or {}).items():
            Parameter.objects.create(endpoint=endpoint, key=key, field=field, operator=operator)
        return endpoint

    def mapping(self, name: str, model: str, lines: dict[str, Any]) -> Any:
        """A mapping; see `endpoint` for its lines. A relation is {"field": …, "nested": mapping}."""
        from django.db import transaction

        from mappings import schema
        from mappings.models import Kind, Line, Mapping

        schema.refresh(self.connection, model, cast("OdooClient", _Beside(self.odoo)))
        with transaction.atomic():
            mapping = Mapping.objects.create(name=name, connection=self.connection, model=model)
            made = []
            for position, (key, line) in enumerate(lines.items()):
                facts = {"field": line} if isinstance(line, str) else dict(line)
                if "nested" in facts:
                    facts.setdefault("kind", Kind.RELATION)
                made.append(Line(mapping=mapping, key=key, position=position, **facts))
                # PostgreSQL looks after uniqueness itself; asked beforehand it takes a third of a test.
                made[-1].full_clean(validate_unique=False, validate_constraints=False)
            Line.objects.bulk_create(made)
        return mapping

    def orders(self, **options: Any) -> Any:
        """Orders with their partner, and lines with their product: two levels of relations."""
        partner = self.mapping(
            "order-partner",
            "res.partner",
            {"customer_id": {"field": "ref", "identifier": True}, "name": "name"},
        )
        uom = self.mapping("uom", "uom.uom", {"name": {"field": "name", "identifier": True}})
        product = self.mapping(
            "order-product",
            "product.product",
            {
                "sku": {"field": "default_code", "identifier": True},
                "name": {"field": "name", "direction": "from_odoo"},
                "unit": {"field": "uom_id", "nested": uom, "direction": "from_odoo"},
            },
        )
        line = self.mapping(
            "order-line",
            "sale.order.line",
            {
                "number": {"field": "sequence", "identifier": True},
                "product": {"field": "product_id", "nested": product},
                "quantity": "product_uom_qty",
                "price": "price_unit",
                "subtotal": {"field": "price_subtotal", "direction": "from_odoo"},
            },
        )
        return self.endpoint(
            "orders",
            "sale.order",
            {
                "reference": {"field": "client_order_ref", "identifier": True},
                "partner": {"field": "partner_id", "nested": partner, "on_missing": "create"},
                "note": "note",
                "lines": {"field": "order_line", "nested": line},
                "total": {"field": "amount_untaxed", "direction": "from_odoo"},
            },
            **{"on_delete": "unlink"} | options,
        )

    def partners(self, **options: Any) -> Any:
        """The endpoint that most tests use."""
        return self.endpoint(
            "partners",
            "res.partner",
            {
                "customer_id": {"field": "ref", "identifier": True},
                "name": {"field": "name", "required": True},
                "email": "email",
                "address.city": "city",
                "address.zip": "zip",
                "latitude": "partner_latitude",
                "company": "is_company",
                "kind": "type",
                "tags": "category_id",
                "updated": {"field": "write_date", "direction": "from_odoo"},
            },
            **options,
        )

    def push(self, name: str = "partners") -> None:
        from endpoints import registry
        from synchub.sync.push import push

        push(registry.get(name))

    def pull(self, name: str = "partners") -> None:
        from endpoints import registry
        from synchub.sync.pull import pull

        pull(registry.get(name))

    def sweep(self, name: str = "partners") -> None:
        from endpoints import registry
        from synchub.sync.deletions import sweep

        sweep(registry.get(name))

    def in_odoo(self, *refs: str, fields: tuple[str, ...] = ("ref", "name")) -> list[dict[str, Any]]:
        """The partners in Odoo with these references, archived ones too."""
        found: list[dict[str, Any]] = self.odoo.execute(
            "res.partner",
            "search_read",
            [("ref", "in", list(refs))],
            fields=list(fields),
            load="",
            order="id",
            context={"active_test": False},
        )
        return found
