"""The practice database: one SQLite file, one transaction per call, one writer at a time."""

import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.odoo import schema


def _lower(value: object) -> str | None:
    return None if value is None else str(value).lower()


class Store:
    """Hands out connections inside transactions. Without a path the data lives in a folder that goes with it."""

    def __init__(self, path: Path | None) -> None:
        self._folder = None if path else Path(tempfile.mkdtemp(prefix="practice-odoo-"))
        self._path = path or (self._folder or Path()) / "practice.sqlite"
        self._idle: list[sqlite3.Connection] = []
        self._pool_lock = threading.Lock()
        self._writing = threading.Lock()
        with self.transaction(writes=True) as db:
            self.is_new = schema.prepare(db)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=60, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        # A power cut may cost the last practice records; that is no loss and far faster.
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -65536")
        # SQLite ignores case in ASCII only; Odoo's `ilike` does it in every alphabet.
        db.create_function("lower_all", 1, _lower, deterministic=True)
        return db

    @contextmanager
    def transaction(self, *, writes: bool) -> Iterator[sqlite3.Connection]:
        """All or nothing: committed at the end, rolled back by an exception."""
        if not writes:
            with self._connection() as db:
                db.execute("BEGIN")
                try:
                    yield db
                finally:
                    db.execute("ROLLBACK")
            return
        with self._writing, self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._pool_lock:
            db = self._idle.pop() if self._idle else None
        db = db or self._connect()
        try:
            yield db
        finally:
            with self._pool_lock:
                self._idle.append(db)

    def close(self) -> None:
        with self._pool_lock:
            for db in self._idle:
                db.close()
            self._idle.clear()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
