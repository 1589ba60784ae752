"""What an endpoint tells developers about itself: OpenAPI 3.1, a Postman collection, an `.http` file.

drf-spectacular reads views and serializers. Here one view serves every endpoint, and what a record looks like is
decided by a mapping that an administrator may change at any moment, so there is nothing for it to read. The document is
built from the compiled spec instead, by pure functions:

    schemas      a mapping → JSON Schema, as it is read and as it is written
    parameters   what URLs and headers take
    answers      every status, its headers and its shape: the same for all endpoints
    statuses     which of them an operation may answer with
    reading, writing   the operations
    operations   an endpoint → its paths
    examples     a record to show, without personal data (`masking`)
    document     several endpoints → one document

New abilities of the API go where their like is: a header or a parameter in `parameters`, a status in `answers`, an
operation in `reading` or `writing`.
"""

# At the API's base for all endpoints, and at an endpoint's address, after a dot, for that one.
FILES = {
    "docs": "docs.html",
    "openapi": "openapi.json",
    "postman": "postman.json",
    "http": "requests.http",
}
