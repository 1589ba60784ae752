"""One step of a line's value."""

from typing import Any


class Step:
    """The base class, which changes nothing."""

    def inward(self, value: Any) -> Any:
        return value

    def outward(self, value: Any) -> Any:
        return value

    def near(self, value: Any) -> list[tuple[str, Any]]:
        """Terms (operator, value) that hold for all values of Odoo that are shown like this one, and may hold for more.

        Values are in the form of the field's type.
        """
        return []
