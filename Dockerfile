# syntax=docker/dockerfile:1

# Wheels are fetched and installed in a stage of their own: neither pip's cache nor a compiler reaches the image.
FROM python:3.12-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements/base.txt requirements/production.txt /tmp/requirements/
RUN /opt/venv/bin/pip install -r /tmp/requirements/production.txt

FROM python:3.12-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=synchub.settings \
    HUB_PORT=8000
RUN groupadd --system --gid 10001 hub && useradd --system --uid 10001 --gid hub --home-dir /app --no-create-home hub
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY manage.py ./
COPY synchub ./synchub
COPY mappings ./mappings
COPY endpoints ./endpoints
COPY demo ./demo
# Static files need settings that can be read, not services that answer: these values live for this line only.
RUN HUB_SECRET_KEY=only-for-collecting-static-files-0123456789 \
    HUB_ENCRYPTION_KEYS=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    DATABASE_URL=postgres://hub:hub@127.0.0.1:5432/hub \
    REDIS_URL=redis://127.0.0.1:6379/0 \
    python manage.py collectstatic --noinput --verbosity 0
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; e = os.environ; u.urlopen(u.Request('http://127.0.0.1:' + e['HUB_PORT'] + '/healthz', headers={'Host': e.get('HUB_ALLOWED_HOSTS', '').split(',')[0].strip('.*') or 'localhost'}), timeout=4)"]
# The shell only fills in the port and is replaced at once: signals reach the server itself.
CMD ["sh", "-c", "exec python -m synchub.server --interface wsgi --no-ws --host 0.0.0.0 --port \"$HUB_PORT\" --workers \"${HUB_WEB_WORKERS:-2}\" --blocking-threads 4 --backlog 1024 --respawn-failed-workers --workers-kill-timeout 8 synchub.wsgi:application"]
