"""What a request expects of a record before it changes it: If-Match and If-None-Match (RFC 9110, 13.1)."""

from dataclasses import dataclass

from synchub.errors import HubError

ANY = "*"


class PreconditionFailed(HubError):
    """The record is not what the request expects. Nothing was done."""


@dataclass(frozen=True)
class Expected:
    """Tags without their quotes, or ANY; None where the request does not say."""

    match: frozenset[str] | None = None
    none_match: frozenset[str] | None = None

    def __bool__(self) -> bool:
        return self.match is not None or self.none_match is not None

    @property
    def new(self) -> bool:
        """It expects that there is no such record yet."""
        return self.none_match is not None and ANY in self.none_match

    def of_view(self, view: str) -> "Expected":
        """The same of whole records: the tags of what was seen in this view, without its name at their end."""
        return Expected(_of_view(self.match, view), _of_view(self.none_match, view)) if view else self

    def check(self, tag: str) -> None:
        """Raises PreconditionFailed."""
        if self.match is not None and not self.match & {tag, ANY}:
            raise PreconditionFailed(
                "The record has changed since it was read (If-Match). Read it again, then decide what to send."
            )
        if self.none_match is not None and self.none_match & {tag, ANY}:
            raise PreconditionFailed("There is such a record already (If-None-Match).")

    def check_missing(self) -> None:
        """The record is not there. Raises PreconditionFailed."""
        if self.match is not None:
            raise PreconditionFailed("There is no such record (any more), but If-Match expects one.")


def _of_view(tags: frozenset[str] | None, view: str) -> frozenset[str] | None:
    if tags is None:
        return None
    return frozenset(tag.removesuffix(view) for tag in tags if tag == ANY or tag.endswith(view))


NOTHING = Expected()
