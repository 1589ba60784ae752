"""Transactions that PostgreSQL gives up because of others: tried again at once, and not for ever."""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

P = ParamSpec("P")
T = TypeVar("T")

_TRIES = 3
_PAUSE = 0.05  # seconds, about
_SERIALIZATION, _DEADLOCK = "40001", "40P01"


def tried_again(work: Callable[P, T]) -> Callable[P, T]:
    """Of a function whose transaction is its own: PostgreSQL has undone it, so that it may be done anew."""

    @wraps(work)
    def patient(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(_TRIES - 1):
            try:
                return work(*args, **kwargs)
            except OperationalError as error:
                if not _was_rolled_back(error) or connection.in_atomic_block:
                    raise
            # Spread out: two that met would meet again.
            time.sleep(_PAUSE * random.uniform(0.5, 1.5))  # noqa: S311  # no secret
        return work(*args, **kwargs)

    return patient


def _was_rolled_back(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in (_SERIALIZATION, _DEADLOCK)
