"""Kills spread over the writes of consumers."""

import random
import threading

_AHEAD = 2  # how many kills may be due while consumers go on writing


class Pace:
    """Draws at which writes to kill, and makes consumers wait for kills that are due."""

    def __init__(self, writes: int, kills: int, seed: int) -> None:
        self._writes, self._kills, self._turn = writes, kills, threading.Condition()
        self._begun = self._struck = 0
        dice = random.Random(f"{seed}-pace")  # noqa: S311  # to be repeated, not to be secret
        self._places = sorted(dice.randrange(1, max(2, writes)) for _ in range(kills))

    def may_write(self) -> bool:
        """Waits where kills are due; False when everything is written."""
        with self._turn:
            self._turn.wait_for(lambda: self._due() <= _AHEAD)
            if self._begun >= self._writes:
                return False
            self._begun += 1
            self._turn.notify_all()
            return True

    def wait_to_strike(self) -> bool:
        """Waits until a kill is due; False when there are no more."""
        with self._turn:
            self._turn.wait_for(lambda: self._due() > 0 or self._begun >= self._writes)
            return self._struck < self._kills

    def struck(self) -> None:
        with self._turn:
            self._struck += 1
            self._turn.notify_all()

    def _due(self) -> int:
        return sum(place <= self._begun for place in self._places) - self._struck
