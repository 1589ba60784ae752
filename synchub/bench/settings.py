"""Settings of the server that the API is compared with: Django with almost nothing around it."""

from synchub.settings import *  # noqa: F403

# Adds Content-Length, without which connections are not kept open.
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "synchub.bench.urls"
