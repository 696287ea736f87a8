"""What ours is compared with: peers that run from packages, each as its makers ship it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.environment import HERE, SYNC, Bench, run, served, warm
from services import free_port

STOCK_APP = "home"  # what `wagtail start` calls its first app
FORM_PAGE = """
from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.contrib.forms.models import AbstractForm, AbstractFormField


class FormField(AbstractFormField):
    page = ParentalKey("FormPage", on_delete=models.CASCADE, related_name="form_fields")


class FormPage(AbstractForm):
    template = "home/home_page.html"
    landing_page_template = "home/home_page.html"
"""


@contextmanager
def bare() -> Iterator[int]:
    """A bare Django page of 20 kB at /page, and behind Django's page cache at /cached."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *SYNC.split()]
    command += ["--log-level", "warning", "--chdir", str(HERE / "bare"), "one_page:application"]
    with served(command, _outside(), port):
        yield port


@contextmanager
def nginx_static(folder: Path) -> Iterator[int]:
    """nginx with a static file of 20 kB at /page.html."""
    port, place = free_port(), folder / "nginx"
    place.mkdir(exist_ok=True)
    (place / "page.html").write_text("<p>" + "The river rises in the rainy season. " * 540)
    (place / "nginx.conf").write_text(
        f"daemon off; pid {place}/pid; worker_processes 2; error_log {place}/log;\n"
        "events {}\n"
        f"http {{ access_log off; server {{ listen 127.0.0.1:{port}; root {place}; }} }}\n"
    )
    place.chmod(0o755)
    folder.chmod(0o755)
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with served([program, "-c", str(place / "nginx.conf")], dict(os.environ), port):
        yield port


class Stock:
    """A project as `wagtail start` makes it, with a form page, on PostgreSQL."""

    def __init__(self, bench: Bench, database: str) -> None:
        self.folder = bench.folder / f"stock_{database}"
        self.folder.mkdir()
        self.environment = _outside() | {"DATABASE_URL": bench.url(database)}
        bench.sql(f'CREATE DATABASE "{database}"')
        run([sys.executable, "-m", "django", "--version"], _outside())
        wagtail = str(Path(sys.executable).parent / "wagtail")
        run([wagtail, "start", "stock", str(self.folder)], _outside())
        with (self.folder / STOCK_APP / "models.py").open("a") as models:
            models.write(FORM_PAGE)
        with (self.folder / "stock" / "settings" / "dev.py").open("a") as settings:
            settings.write(
                "\nimport dj_database_url\nDEBUG = False\nALLOWED_HOSTS = ['*']\n"
                "DATABASES = {'default': dj_database_url.config(conn_max_age=60)}\n"
            )
        self.manage("makemigrations", STOCK_APP, "--verbosity", "0")
        self.manage("migrate", "--verbosity", "0")
        self.python(STOCK_DATA)

    def manage(self, *words: str) -> str:
        said = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if said.returncode:
            sys.exit(f"{said.stdout}{said.stderr}\nThe stock Wagtail project failed.")
        return said.stdout

    def python(self, code: str) -> str:
        return self.manage("shell", "--verbosity", "0", "--command", code).strip()

    @contextmanager
    def served(self) -> Iterator[int]:
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *SYNC.split()]
        command += ["--log-level", "warning", "--chdir", str(self.folder), "stock.wsgi:application"]
        settings = {"DJANGO_SETTINGS_MODULE": "stock.settings.dev"}
        with served(command, self.environment | settings, port):
            warm(port, "/")
            yield port


STOCK_DATA = """
from django.contrib.auth import get_user_model
from home.models import FormPage, FormField, HomePage
get_user_model().objects.create_superuser("admin", "", "only-for-a-benchmark")
page = FormPage(title="Form", slug="form")
HomePage.objects.first().add_child(instance=page)
FormField.objects.create(page=page, label="Words", field_type="multiline", clean_name="words")
"""
STOCK_SESSION = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import get_user_model
user = get_user_model().objects.get()
session = import_module(settings.SESSION_ENGINE).SessionStore()
session["_auth_user_id"] = str(user.pk)
session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
session["_auth_user_hash"] = user.get_session_auth_hash()
session.save()
from home.models import FormPage
print("FOUND", session.session_key, FormPage.objects.get().pk)
"""
STOCK_SUBMISSIONS = """
from django.db import connection
from home.models import FormPage
with connection.cursor() as cursor:
    cursor.execute(
        "INSERT INTO wagtailforms_formsubmission (form_data, submit_time, page_id) "
        "SELECT '{{\\"words\\": \\"made\\"}}'::jsonb, now() - n * interval '1 minute', %s "
        "FROM generate_series(1, {number}) AS n", [FormPage.objects.get().pk])
    cursor.execute("VACUUM ANALYZE wagtailforms_formsubmission")
"""
# One submission as the form page takes it, beside a bare insert: (submissions, inserts) a second.
STOCK_INTAKE = """
import time, statistics
from django.db import connection
from django.test import Client
from home.models import FormPage
client = Client(headers={{"host": "127.0.0.1"}})
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE IF NOT EXISTS bare (id bigserial PRIMARY KEY, words text)")
def bare():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bare (words) VALUES (%s)", ["x" * 400])
def submit():
    client.post("/form/", {{"words": "x" * 400}})
rates = {{bare: [], submit: []}}
before = FormPage.objects.get().get_submission_class().objects.count()
for turn in range(6):
    for do in (bare, submit):
        started = time.perf_counter()
        for _ in range({number}):
            do()
        rates[do].append({number} / (time.perf_counter() - started))
made = FormPage.objects.get().get_submission_class().objects.count() - before
print("FOUND", made, statistics.median(rates[submit][1:]) / statistics.median(rates[bare][1:]))
"""


def found(said: str) -> list[str]:
    """What a script of the stock project printed after FOUND."""
    words = re.search(r"^FOUND (.+)$", said, re.M)
    if words is None:
        sys.exit(f"{said}\nThe stock Wagtail project gave no answer.")
    return words[1].split()


def _outside() -> dict[str, str]:
    """The shell's environment without what leads to our project."""
    ours = {"DJANGO_SETTINGS_MODULE", "PYTHONPATH", "DATABASE_URL", "GUNICORN_CMD_ARGS"}
    return {name: value for name, value in os.environ.items() if name not in ours}
