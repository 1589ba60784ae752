"""What an access key opens."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from endpoints.models.access import AccessKey
from endpoints.models.choices import Method
from endpoints.models.endpoint import Endpoint
from mappings import domains


class AccessGrant(models.Model):
    """What a key may do at an endpoint. Empty lists are no restriction."""

    key = models.ForeignKey(AccessKey, on_delete=models.CASCADE, related_name="grants")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="grants")
    methods = ArrayField(
        models.CharField(max_length=8, choices=Method),
        default=list,
        blank=True,
        help_text="None ticked: all that the endpoint offers.",
    )
    read = ArrayField(
        models.CharField(max_length=200),
        default=list,
        blank=True,
        help_text="Keys it sees, comma separated: name, address.city. A group stands for all in it: address. Empty: all.",
    )
    write = ArrayField(
        models.CharField(max_length=200),
        default=list,
        blank=True,
        help_text="Keys it may set, comma separated. Empty: those that it sees.",
    )
    domain = models.TextField(
        default="[]",
        blank=True,
        help_text="Which of the endpoint's records: [('country_id', '=', 21)]. Fields of the records themselves, compared by "
        "=, !=, <, >, in, like and their kin.",
    )

    class Meta:
        ordering = ["endpoint__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "endpoint"],
                name="grant_once",
                violation_error_message="This access key opens this endpoint already.",
            )
        ]
        verbose_name = "opened endpoint"

    def __str__(self) -> str:
        return f"{self.key} at {self.endpoint}"

    def save(self, **kwargs: Any) -> None:
        """Fields by which its rows are told are read from Odoo, of all records, where the hub did not keep them."""
        from endpoints import pulls

        kept = {line.field for line in self.endpoint.mapping.lines.all()}
        kept |= {parameter.field for parameter in self.endpoint.parameters.all()}
        for grant in AccessGrant.objects.filter(endpoint=self.endpoint_id):
            kept |= grant.fields_of_rows()
        super().save(**kwargs)
        if self.fields_of_rows() - kept:
            pulls.start_over([self.endpoint_id])

    def fields_of_rows(self) -> set[str]:
        """Empty where the domain cannot be read: such a grant opens nothing."""
        try:
            return domains.fields_of(domains.parse(self.domain)) - {"id"}
        except domains.DomainError:
            return set()

    def clean(self) -> None:
        from endpoints.models.grant_problems import problems

        found = problems(self)
        if found:
            raise ValidationError(found)
