"""The Odoo to measure with, and the plain way to talk to it: the standard library's client, as in scripts."""

import os
import subprocess
import sys
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_NAMES = ("ODOO_TEST_URL", "ODOO_TEST_DB", "ODOO_TEST_LOGIN", "ODOO_TEST_PASSWORD")


@dataclass(frozen=True)
class Address:
    url: str
    database: str
    login: str
    password: str

    @property
    def is_practice(self) -> bool:
        return self.database == "practice"


@contextmanager
def odoo() -> Iterator[Address]:
    """The Odoo that ODOO_TEST_URL names, or else a practice one in a process of its own."""
    given = [os.environ.get(name, "") for name in _NAMES]
    if all(given):
        yield Address(*given)
        return
    command = [sys.executable, "-m", "demo.odoo", "--port", "0", "--seed-records", "30"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        # “practice Odoo ready at URL (…” is the last line for a while.
        line = process.stdout.readline() if process.stdout else ""
        if " ready at " not in line:
            raise RuntimeError("The practice Odoo did not start.")
        yield Address(line.split(" ready at ")[1].split()[0], "practice", "admin", "admin")
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stdout:
            process.stdout.close()


class Raw:
    """`xmlrpc.client` and nothing else."""

    def __init__(self, address: Address) -> None:
        self._address = address
        common = xmlrpc.client.ServerProxy(f"{address.url}/xmlrpc/2/common", allow_none=True)
        self._user = common.authenticate(address.database, address.login, address.password, {})
        if not self._user:
            raise RuntimeError(f"{address.url} refuses the login {address.login}.")
        self._models = xmlrpc.client.ServerProxy(f"{address.url}/xmlrpc/2/object", allow_none=True)

    def __call__(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """`res.partner.method(*args, **kwargs)`"""
        one = self._address
        return self._models.execute_kw(
            one.database, self._user, one.password, "res.partner", method, list(args), kwargs
        )
