# One image, three roles (docs/design.md, section 9): ROLE is public, staff or worker.
# A web role runs the command below; a worker runs `python manage.py work`.

FROM python:3.11-slim AS build

ENV PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH

WORKDIR /app
COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt

COPY . .
ENV PYTHONPATH=/app:/app/site DJANGO_SETTINGS_MODULE=config.settings.production
RUN python scripts/compile_catalogues.py \
    && SECRET_KEY=only-while-building ALLOWED_HOSTS=localhost ROLE=worker \
       python manage.py collectstatic --noinput --verbosity 0
# The file system is read-only where this runs: what is not compiled here, every start compiles.
RUN python -m compileall -q --invalidation-mode unchecked-hash \
    accounts articles events home operations reporting search site/config work


FROM python:3.11-slim

RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin mekong
COPY --from=build /venv /venv
COPY --from=build /app /app
# Uploads live here when no STORAGE_URL is given; everything else is read-only for the process.
RUN mkdir -p /app/var/media && chown mekong /app/var/media
VOLUME /app/var/media

ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app:/app/site \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    ROLE=public \
    BIND=0.0.0.0:8000
WORKDIR /app
USER mekong
EXPOSE 8000

HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "scripts/healthcheck.py"]
CMD ["gunicorn", "-c", "python:config.gunicorn"]
