"""How many records each endpoint has, kept beside them: counting them anew takes longer with each more."""

from django.db import models


class RecordCount(models.Model):
    """The sum of an endpoint's rows is the number of its records that are not deleted.

    Triggers of `Record`'s table add a row for each statement, in its transaction, so that the sum is exact for whoever reads it and
    nobody waits for anybody; now and then many rows are made one. No foreign key: an endpoint's records go with it.
    """

    endpoint_id = models.BigIntegerField()
    delta = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["endpoint_id"], include=["delta"], name="count_by_endpoint")]

    def __str__(self) -> str:
        return f"{self.endpoint_id}: {self.delta:+}"
