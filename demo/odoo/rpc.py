"""The services behind `/xmlrpc/2/common` and `/xmlrpc/2/object`: from arguments to a result or a fault."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from xmlrpc.client import Fault, Marshaller, dumps, escape, loads

from demo.odoo import methods, schema, translations
from demo.odoo.env import Env
from demo.odoo.errors import AccessDenied, MissingError, UserError, fault_of, traceback_fault
from demo.odoo.models import MODELS
from demo.odoo.odd import Odd
from demo.odoo.store import Store

VERSION = {
    "server_version": "18.0-20250421",
    "server_version_info": [18, 0, 0, "final", 0, ""],
    "server_serie": "18.0",
    "protocol_version": 1,
}
SERIALIZATION = "could not serialize access due to concurrent update"
_CONTROL = dict.fromkeys(set(range(32)) - {9, 10, 13})


class Call(NamedTuple):
    """One call received. `size`: how many records, values, rows or ids its first argument holds."""

    model: str
    method: str
    size: int


class Calls(list[Call]):
    """The calls in order, with counts."""

    def count_of(self, model: str, method: str) -> int:
        return sum(1 for call in self if (call.model, call.method) == (model, method))

    def counts(self) -> dict[str, int]:
        return dict(Counter(f"{call.model}.{call.method}".lstrip(".") for call in self))


@dataclass(frozen=True)
class Request:
    """A parsed XML-RPC call. `model` is empty for the common service."""

    service: str
    method: str
    arguments: tuple[Any, ...]
    model: str = ""
    started: str = ""

    @property
    def size(self) -> int:
        first = self.arguments[5] if self.model and len(self.arguments) > 5 else ()
        target = first[1 if self.method == "load" else 0 : 2 if self.method == "load" else 1] if first else ()
        return len(target[0]) if target and isinstance(target[0], (list, tuple)) else 1


class Database:
    """The one database, its logins, and the door to it."""

    def __init__(self, store: Store, name: str, logins: Mapping[str, str]) -> None:
        self.store = store
        self.name = name
        self._passwords = dict(logins)
        self._lock = threading.Lock()
        self.calls = Calls()
        self.odd = Odd()

    def note(self, request: Request) -> None:
        with self._lock:
            self.calls.append(Call(request.model, request.method, request.size))

    def answer(self, request: Request) -> Any:
        """The result, or an exception that is the fault."""
        if request.service == "common":
            return self._common(request.method, request.arguments)
        if request.method in ("execute", "execute_kw") and not request.model:
            raise TypeError(f"{request.method}() missing required arguments")
        database, uid, password, model, method, *rest = request.arguments
        self._check_database(database)
        self._check_password(uid, password)
        args, kwargs = (list(rest), {}) if request.service == "execute" else _positional(rest)
        return self.run(uid, model, method, args, kwargs, request.started, self.odd)

    def run(
        self,
        uid: int,
        model: str,
        method: str,
        args: list[Any],
        kwargs: dict[str, Any],
        started: str = "",
        odd: Odd | None = None,
    ) -> Any:
        """One call in one transaction."""
        if model not in MODELS:
            raise UserError(f"Object {model} doesn't exist")
        kwargs = dict(kwargs)
        context = kwargs.pop("context", None) or {}
        with self.store.transaction(writes=method not in methods.READ_ONLY) as db:
            env = Env(db, uid, started or schema.now(), context, odd or Odd())
            language = context.get("lang")
            if language and not env.rows("SELECT 1 FROM res_lang WHERE code = ? AND active", language):
                raise UserError(f"Invalid language code: {language}")
            with translations.speaking(language or ""):
                return methods.call(env, env.odd.seen(MODELS[model]), method, args, kwargs)

    def _common(self, method: str, arguments: tuple[Any, ...]) -> Any:
        if method == "version":
            return VERSION
        if method in ("authenticate", "login"):
            database, login, password, *_agent = arguments
            self._check_database(database)
            return self._authenticate(login, password)
        raise AttributeError(f"Method not found: {method}")

    def _authenticate(self, login: str, password: str) -> int | bool:
        if not password or self._passwords.get(login) != password:
            return False
        with self.store.transaction(writes=False) as db:
            row = db.execute("SELECT id FROM res_users WHERE login = ? AND active", (login,)).fetchone()
        return int(row[0]) if row else False

    def _check_database(self, database: Any) -> None:
        if database != self.name:
            raise traceback_fault(
                'psycopg2.OperationalError: connection to server at "127.0.0.1", port 5432 failed: FATAL:  '
                f'database "{database}" does not exist\n'
            )

    def _check_password(self, uid: Any, password: Any) -> None:
        with self.store.transaction(writes=False) as db:
            row = db.execute("SELECT login FROM res_users WHERE id = ? AND active", (uid,)).fetchone()
        if not row:
            raise MissingError("res.users", uid, uid)
        if not password or self._passwords.get(row[0]) != password:
            raise AccessDenied


def _positional(rest: list[Any]) -> tuple[list[Any], dict[str, Any]]:
    args = list(rest[0]) if rest else []
    kwargs = dict(rest[1]) if len(rest) > 1 and rest[1] else {}
    return args, kwargs


def parse(service: str, body: bytes) -> Request:
    """The call in a request's body; the parser's own exception where it is not well formed."""
    arguments, method = loads(body, use_datetime=True)
    method = method or ""
    if service == "common" or method not in ("execute", "execute_kw") or len(arguments) < 5:
        if service == "object" and method not in ("execute", "execute_kw"):
            raise KeyError(method)
        return Request(service, method, arguments)
    kind = "object" if method == "execute_kw" else "execute"
    return Request(kind, str(arguments[4]), arguments, str(arguments[3]))


def serialized(result: Any) -> bytes:
    """The answer as XML. What XML-RPC cannot carry is a fault, although the work is done."""
    try:
        body = _OdooMarshaller().dumps((result,))
    except (TypeError, OverflowError) as error:
        return serialized_fault(error)
    return f"<?xml version='1.0'?>\n<methodResponse>\n{body}</methodResponse>\n".encode()


def serialized_fault(error: Exception) -> bytes:
    fault = error if isinstance(error, Fault) else fault_of(error)
    text = fault.faultString.translate(_CONTROL)
    return dumps(Fault(fault.faultCode, text), methodresponse=True).encode()


def _dump_text(_marshaller: Marshaller, value: Any, write: Callable[[str], Any]) -> None:
    text = value if value.isprintable() else value.translate(_CONTROL)
    write(f"<value><string>{escape(text)}</string></value>\n")


class _OdooMarshaller(Marshaller):
    """Drops the control characters that XML has no room for."""

    dispatch = {**Marshaller.dispatch, str: _dump_text}
