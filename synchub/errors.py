"""The hub's vocabulary of failure.

Every error that crosses a module boundary is one of these. `str(error)` is a sentence for a person; what
only a developer needs (tracebacks, bodies) goes to the log where the error is made.

What a caller may conclude from an error of Odoo:

    class                  what happened in Odoo            what to do
    OdooRetryable          nothing                          send again later
    OdooUnknownOutcome     perhaps everything, perhaps not  look before sending again (OdooTimeout is one)
    OdooPermanent          nothing, and it never will       stop, show the message
    OdooMisconfigured      nothing, for any call            spend no attempt; after a refused login pause the connection
"""

import re

MISSING_RECORD = r"[(（][^()（）\n]*[:：]\s*(?P<model>[a-z_][a-z0-9_.]*)\((?P<ids>[\d, ]+)\)\s*[,،，][^()（）\n]*[:：]\s*\d+\s*[)）]"
"""What Odoo's MissingError ends with in every language: which record, and who asked for it."""

A_BUG = r"(?:Key|Index|Name|UnboundLocal|ZeroDivision)Error"
"""Classes of Python's whose words alone say nothing: “'name'” of a KeyError."""


class HubError(Exception):
    """Anything the hub itself raises on purpose."""


class ConfigurationError(HubError):
    """What an administrator configured cannot work; the text says what to change."""


class NotReady(HubError):
    """The hub cannot serve this yet (no fields read from Odoo, say) but will by itself. HTTP 503."""


class OdooError(HubError):
    """A call to Odoo failed.

    `message` is Odoo's own text, without traceback. `code` is the XML-RPC fault code, None where the
    failure was below XML-RPC (network, HTTP, XML).
    """

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class OdooRetryable(OdooError):
    """Odoo did nothing and may do it later: connection refused, serialization failure."""


class OdooUnknownOutcome(OdooError):
    """The request left and no trustworthy answer came: timeout, reset, 5xx, truncated XML."""


class OdooTimeout(OdooUnknownOutcome):
    """The request left and Odoo took longer to answer than the hub waits."""


class OdooPermanent(OdooError):
    """Odoo refuses this call and will refuse it again: wrong value, missing record, no right."""

    @property
    def record_missing(self) -> bool:
        """Odoo's MissingError: a record that was named is not there (any more)."""
        return re.search(MISSING_RECORD, self.message) is not None


class OdooRecordGone(OdooPermanent):
    """What was just written is not there any more: nobody told so, it was not among what was read."""

    @property
    def record_missing(self) -> bool:
        return True


class OdooMisconfigured(OdooError):
    """No call over this connection can succeed as things are: refused login, unknown database, not an Odoo.

    `login_refused`: only a person can mend it, and Odoo locks out who tries again and again. The rest may pass by itself: a
    page that says “under maintenance”, a proxy without its Odoo, a certificate that has run out.
    """

    def __init__(self, message: str, *, code: int | None = None, login_refused: bool = False) -> None:
        super().__init__(message, code=code)
        self.login_refused = login_refused


class OdooOutdated(OdooMisconfigured):
    """What the hub knows of a model's fields no longer fits what Odoo has: nothing was sent, and they are to be read anew.

    `stays`: they were, and it still does not fit. The model is gone, say: nobody knows for how long.
    """

    stays = False


class UnfitValue(HubError):
    """What Odoo has in a field is nothing of the type that the hub knows the field by: its fields are to be read anew."""


class ValueNotSendable(HubError):
    """A value cannot travel to Odoo; `field` names where it sits (a dotted path)."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
