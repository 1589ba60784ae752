"""Django's PostgreSQL backend, with a look at a kept connection that costs no round trip, and a word for databases that take
no writes."""
