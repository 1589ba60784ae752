"""Who uses a data folder: one owner, who runs its services, and guests, who use them meanwhile."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from launcher.store import Store, make_folder


class Presence:
    def __init__(self, data: Path) -> None:
        self.data = data
        self.record = Store(data / "run.json")
        self._held: list[IO[str]] = []

    def claim(self, **facts: Any) -> bool:
        """Makes this process the owner until it ends. False if there is another owner."""
        file = self._open("services.lock")
        for _ in range(5):  # a mere look also holds the lock for an instant
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.02)
            else:
                self._held.append(file)
                self.record.write({"state": "starting", **facts})
                return True
        file.close()
        return False

    def is_claimed(self) -> bool:
        with self._open("services.lock") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def owner(self) -> dict[str, Any]:
        """What the owner has recorded about itself; empty without an owner."""
        return self.record.read() if self.is_claimed() else {}

    def join(self) -> bool:
        """Makes this process, or its successor by `exec`, a guest until it ends. False if it is too late."""
        file = self._open("guests.lock")
        fcntl.flock(file, fcntl.LOCK_SH)
        if self.owner().get("state") != "ready":
            file.close()
            return False
        os.set_inheritable(file.fileno(), True)
        self._held.append(file)
        return True

    def leave(self, wait: Callable[[float], object]) -> None:
        """The owner leaves: it lets no new guests in, and waits for those that are there."""
        self.record.update(state="stopping")
        with self._open("guests.lock") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    wait(0.1)
                else:
                    return

    def _open(self, name: str) -> IO[str]:
        make_folder(self.data)
        return (self.data / name).open("a")
