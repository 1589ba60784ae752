"""Records that Odoo says it has touched, waiting to be read."""

from django.db import models
from django.utils import timezone

from endpoints.models.endpoint import Endpoint


class Touched(models.Model):
    """One record of Odoo's, by its id; nothing else of what was said is believed.

    Odoo tells of a change before it has committed it: what looks unchanged is read a few times more.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, db_index=False)
    odoo_id = models.IntegerField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["endpoint", "odoo_id"], name="touched_once")]
        indexes = [models.Index(fields=["next_at"], name="touched_due")]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.odoo_id}"
