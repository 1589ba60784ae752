"""What an endpoint tells developers about itself: OpenAPI 3.1, a Postman collection, an `.http` file.

drf-spectacular reads views and serializers. Here one view serves every endpoint, and what a record looks like is
decided by a mapping that an administrator may change at any moment, so there is nothing for it to read. The document is
built from the compiled spec instead, by pure functions:

    schemas      a mapping → JSON Schema, as it is read and as it is written
    parameters   what an address takes
    answers      every status, its headers and its shape: the same for all endpoints
    statuses     which of them an operation may answer with
    reading, writing   one operation each
    operations   an endpoint → its paths
    examples     a record to show, without what is personal (`masking`)
    document     several endpoints → one document

What the API learns to do is added where its like is: a header or a parameter in `parameters`, a status in
`answers`, an operation in `reading` or `writing`.
"""

# What there is: at the API's base for all, and at the endpoint's address with a dot between for one.
FILES = {
    "docs": "docs.html",
    "openapi": "openapi.json",
    "postman": "postman.json",
    "http": "requests.http",
}
