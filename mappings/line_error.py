"""A payload that does not fit its mapping."""

from mappings.spec import LineSpec
from synchub.errors import HubError


class LineError(HubError):
    """A payload does not fit the mapping. `line` is None where no line is concerned (an unknown key).

    `code` is one of the API's: REQUIRED, TYPE, SELECTION, READONLY, UNKNOWN_KEY, DUPLICATE, ….
    """

    def __init__(
        self, text: str, *, code: str, key: str, line: LineSpec | None, index: int | None = None
    ) -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.key = key
        self.line = line
        self.index = index

    @property
    def line_id(self) -> int | None:
        return self.line.id if self.line else None

    def inside(self, place: str) -> "LineError":
        """The same error of a record inside another one, at `place` (`lines[2].`)."""
        key = f"{place}{self.key}"
        text = self.text.replace(f"“{self.key}”", f"“{key}”", 1)
        return LineError(text, code=self.code, key=key, line=self.line, index=self.index)
