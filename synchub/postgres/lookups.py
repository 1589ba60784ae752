"""`field__any_of=[…]`: one array as parameter, where `__in` has a parameter for each value.

For a thousand values Django and psycopg take longer to write that statement than PostgreSQL to carry it out.
"""

from typing import Any

from django.db.models import Field, Lookup


@Field.register_lookup
class AnyOf(Lookup):
    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, params = self.process_lhs(compiler, connection)
        field = self.lhs.output_field
        values = [field.get_prep_value(value) for value in self.rhs]
        return f"{left} = ANY(%s::{field.db_type(connection)}[])", (*params, values)
