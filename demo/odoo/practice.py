"""The practice Odoo as one object: for the command line and for tests."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from demo.odoo import rpc, seed
from demo.odoo.faults import Faults
from demo.odoo.odd import Odd
from demo.odoo.server import PracticeServer
from demo.odoo.store import Store

_ADMIN = 2
DEFAULT_RECORDS = 3000


class PracticeOdoo:
    """A small Odoo on the loopback interface.

    `with PracticeOdoo(seed_records=50) as odoo:` serves from a thread until the block ends. With `data` the
    records live in that SQLite file and are there again next time; without it they go with the object.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        data: str | Path | None = None,
        database: str = "practice",
        login: str = "admin",
        password: str = "admin",  # noqa: S107 — it is practice
        seed_records: int = DEFAULT_RECORDS,
        remote_faults: bool = False,
    ) -> None:
        self.database, self.login, self.password = database, login, password
        self._host = host
        self.faults = Faults()
        self._store = Store(Path(data) if data else None)
        if self._store.is_new:
            with self._store.transaction(writes=True) as db:
                seed.fill(db, seed_records)
        with self._store.transaction(writes=True) as db:
            db.execute("UPDATE res_users SET login = ? WHERE id = ?", (login, _ADMIN))
        self._door = rpc.Database(self._store, database, {"demo": "demo", login: password})
        self._server = PracticeServer((host, port), self._door, self.faults, remote=remote_faults)
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self.port}"

    @property
    def calls(self) -> rpc.Calls:
        """Every call received over XML-RPC, in order."""
        return self._door.calls

    @property
    def odd(self) -> Odd:
        """What cannot be read over XML-RPC like the rest."""
        return self._door.odd

    def execute(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Do something as a person in Odoo would: no network, no faults, not among `calls`."""
        return self._door.run(_ADMIN, model, method, list(args), kwargs)

    def answer(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """What a call over XML-RPC gives, with all that is `odd`, without the network and not among `calls`."""
        return self._door.run(_ADMIN, model, method, list(args), kwargs, odd=self._door.odd)

    def write_as_begun(self, moment: str, model: str, ids: list[int], values: dict[str, Any]) -> None:
        """As a transaction that began at `moment` ("2026-01-31 12:00:00.000000", UTC) and is committed now."""
        self._door.run(_ADMIN, model, "write", [ids, values], {}, moment)

    def serve(self) -> None:
        """Serve in this thread until `stop` is called from another one."""
        self._server.serve_forever(poll_interval=0.05)

    def start(self) -> Self:
        self._thread = threading.Thread(target=self.serve, name="practice-odoo", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Answer nobody any more; the data stays until `close`."""
        self._server.stopping.set()
        self._server.shutdown()
        if self._thread:
            self._thread.join()
            self._thread = None

    def close(self) -> None:
        self._server.server_close()
        self._store.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.close()
