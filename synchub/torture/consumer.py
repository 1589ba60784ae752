"""A consumer that writes in random order and takes no answer but a clear one: what it was not told, it asks again."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from synchub.torture.api import Answer, Api, NoAnswer
from synchub.torture.expected import CONTACTS, PARTNERS, Partner

_CITIES = ("Ghent", "Bruges", "Liège", None)
_PATIENCE = 180.0  # seconds in which a write has to be accepted, whatever is killed meanwhile
_KNOWN = 400  # so many records at most: what is there is written to


class Consumer(threading.Thread):
    """`may_go` is asked before each write, and holds it up; False ends the thread."""

    def __init__(self, number: int, seed: int, api: Api, may_go: Callable[[], bool]) -> None:
        super().__init__(name=f"consumer-{number}", daemon=True)
        self._random = random.Random(f"{seed}-{number}")  # noqa: S311  # to be repeated, not to be secret
        self._number, self._api, self._may_go, self._count = number, api, may_go, 0
        self.expected: dict[str, Partner] = {}
        self.done: Counter[str] = Counter()
        self.asked_again = 0
        self.unexpected: list[str] = []

    def run(self) -> None:
        acts = [self._create, self._update, self._children, self._rename, self._delete, self._read]
        while self._may_go():
            weights = [40, 30, 10, 6, 9, 5] if len(self.expected) < _KNOWN else [15, 40, 15, 10, 15, 5]
            act = self._random.choices(acts, weights)[0] if self.expected else self._create
            try:
                act()
            except TimeoutError as error:
                self.unexpected.append(str(error))

    # acts -----------------------------------------------------------------------------------------------------

    def _create(self) -> None:
        count = self._random.choice([1, 1, 1, 1, 5, 20])
        new = {self._new_name(): self._partner() for _ in range(count)}
        bodies: list[Any] = [partner.body(name) for name, partner in new.items()]
        key = f"{self._number}-{self._count}"
        answer = self._told("POST", "", bodies[0] if count == 1 else bodies, key=key)
        if self._fine(answer, 201, f"POST of {count}"):
            self.expected |= new
            self.done["created"] += count

    def _update(self) -> None:
        name = self._some()
        partner = self.expected[name]
        wanted = Partner(self._word(), self._random.choice(_CITIES), partner.contacts)
        sent = wanted.body(name)
        del sent["contacts"]
        if self._fine(self._told("PUT", f"/{name}", sent), 200, f"PUT {name}"):
            self.expected[name] = wanted
            self.done["updated"] += 1

    def _children(self) -> None:
        name = self._some()
        partner = self.expected[name]
        contacts = dict(partner.contacts)
        if contacts and self._random.random() < 0.4:
            del contacts[self._random.choice(sorted(contacts))]
        if contacts and self._random.random() < 0.5:
            contacts[self._random.choice(sorted(contacts))] = self._word()
        else:
            contacts[self._new_name(CONTACTS)] = self._word()
        wanted = Partner(partner.name, partner.city, contacts)
        sent = {"contacts": wanted.body(name)["contacts"]}
        if self._fine(self._told("PUT", f"/{name}", sent), 200, f"PUT {name} with contacts"):
            self.expected[name] = wanted
            self.done["children"] += 1

    def _rename(self) -> None:
        name, other = self._some(), self._new_name()
        before = self.asked_again
        answer = self._told("PUT", f"/{name}", {"customer_id": other})
        if answer.status == 404 and self.asked_again > before:
            answer = self._told("GET", f"/{other}")  # an attempt that was not answered has renamed it
        if self._fine(answer, 200, f"PUT {name} to {other}"):
            self.expected[other] = self.expected.pop(name)
            self.done["renamed"] += 1

    def _delete(self) -> None:
        name = self._some()
        before = self.asked_again
        answer = self._told("DELETE", f"/{name}")
        gone = answer.status == 404 and self.asked_again > before
        if gone or self._fine(answer, 200, f"DELETE {name}"):
            del self.expected[name]
            self.done["deleted"] += 1

    def _read(self) -> None:
        """What was accepted is shown, from the moment it was."""
        name = self._some()
        answer = self._told("GET", f"/{name}")
        if self._fine(answer, 200, f"GET {name}") and Partner.of(answer.body) != self.expected[name]:
            self.unexpected.append(
                f"GET {name} is {Partner.of(answer.body)}, and {self.expected[name]} was accepted"
            )

    # asking -----------------------------------------------------------------------------------------------------

    def _told(self, method: str, path: str, body: Any = None, *, key: str = "") -> Answer:
        """The first clear answer. Raises TimeoutError."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            try:
                answer = self._api.call(
                    method, f"/bj_api_sync/v1/partners{path}", body,
                    headers={"Idempotency-Key": key} if key else None, seconds=30,
                )  # fmt: skip
            except NoAnswer:
                pass
            else:
                in_flight = answer.status == 409 and "retry-after" in answer.headers
                if answer.status not in (429, 502, 503, 504) and not in_flight:
                    return answer
                if answer.status == 503 and "retry-after" not in answer.headers:
                    self.unexpected.append(f"{method} {path}: 503 without Retry-After")
            self.asked_again += 1
            time.sleep(0.1)
        raise TimeoutError(f"{method} {path} was not answered for {_PATIENCE:g} s")

    def _fine(self, answer: Answer, status: int, what: str) -> bool:
        if answer.status != status:
            self.unexpected.append(f"{what}: {answer.status} {answer.body}")
        return answer.status == status

    def _some(self) -> str:
        return self._random.choice(list(self.expected))

    def _new_name(self, kind: str = PARTNERS) -> str:
        self._count += 1
        return f"{kind}{self._number}-{self._count}"

    def _word(self) -> str:
        return f"Name {self._random.randrange(1_000_000)}"

    def _partner(self) -> Partner:
        children = {
            self._new_name(CONTACTS): self._word() for _ in range(self._random.choice([0, 0, 0, 1, 2]))
        }
        return Partner(self._word(), self._random.choice(_CITIES), children)
