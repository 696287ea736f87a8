# Two images of one release: the site, in three roles (docs/design.md, section 9), and the proxy that
# knows its static files. ROLE is public, staff or worker. docs/development.md, section 6.

FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3 AS build

ENV PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt .
# Wheels as they were published; the one package that has none is built with what this image brings,
# so that nothing comes in without a hash.
RUN pip wheel --require-hashes --no-deps --only-binary :all: --no-binary django-ranged-response \
        --no-build-isolation --wheel-dir /wheels -r requirements.txt \
    && python -m venv --without-pip /venv \
    && pip --python /venv/bin/python install --no-index --no-deps /wheels/*.whl
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app:/app/site DJANGO_SETTINGS_MODULE=config.settings.production

COPY . .
# Compiled here, because nothing can be written where it runs; readable, whatever the checkout's umask.
RUN mv deploy /deploy && rm requirements.txt \
    && python scripts/compile_catalogues.py \
    && SECRET_KEY=only-while-building ROLE=worker python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q --invalidation-mode unchecked-hash /app \
    && chmod -R a+rX /app /deploy


FROM nginx:1.30.5-alpine@sha256:0985e772fb9f729e6fa0980da05fca5d9c468e870eed43071545afa9d2e27d94 AS proxy

COPY --from=build /deploy/nginx/nginx.conf.template /etc/nginx/templates/nginx.conf.template
COPY --from=build /deploy/nginx/words /srv/words
COPY --from=build /app/var/static /srv/static

# The image's own entrypoint fills the names in. /run/mekong belongs into memory (tmpfs).
ENV NGINX_ENVSUBST_OUTPUT_DIR=/run/mekong \
    NGINX_ENTRYPOINT_QUIET_LOGS=1 \
    RUN=/run/mekong \
    FILES=/srv \
    WORDS=/srv/words
USER 10001:10001
EXPOSE 8080 8443

# A file of its own: the proxy is well when it serves, whoever stands behind it.
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/static/staticfiles.json"]
CMD ["nginx", "-c", "/run/mekong/nginx.conf", "-g", "daemon off;"]


# The last, and so the one that `docker build .` makes.
FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3 AS site

RUN groupadd --system --gid 10001 mekong \
    && useradd --system --uid 10001 --gid 10001 --home-dir /app --shell /usr/sbin/nologin mekong
COPY --from=build /venv /venv
COPY --from=build /app /app
# Editors' files and reporters' sealed ones, where no STORAGE_URL is given: mount a volume at each.
# All else is never written.
RUN mkdir -p /app/var/media /app/var/evidence && chown 10001:10001 /app/var/media /app/var/evidence

ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app:/app/site \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    ROLE=public \
    BIND=0.0.0.0:8000 \
    WORKER_BEAT=/tmp/worker-beat
WORKDIR /app
USER 10001:10001
EXPOSE 8000

HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["python", "scripts/healthcheck.py"]
CMD ["gunicorn", "-c", "python:config.gunicorn"]
