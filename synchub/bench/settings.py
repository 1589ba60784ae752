"""Settings of the server that the API is compared with: a Django with next to nothing in its way."""

from synchub.settings import *  # noqa: F403

# It gives the answer its length, without which a connection is not kept open.
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "synchub.bench.urls"
