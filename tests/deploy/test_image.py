"""What the image is made of, and that its steps make something that runs."""

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

import provide
import services
from tests.deploy.shipped import ROOT, compose, is_sent, ours, stages, variables
from tests.deploy.test_compose import VALUES

IMAGES = re.findall(r"^FROM (\S+) AS (\w+)$", (ROOT / "Dockerfile").read_text(), re.M)
PATIENCE = 180  # a machine that does much else loads the site slowly
SECRETS = {"report_public_keys": "public.json", "report_private_keys": "private.json"}


# --- What goes in ---------------------------------------------------------------------------------


def sent_files() -> list[str]:
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    said = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for path in said.stdout.split("\0") if path and is_sent(path)]


@pytest.mark.parametrize(
    "path",
    [
        ".env", "site/.env", "deploy/example.env", ".git/config", "var/demo/keys/private.json",
        ".venv/bin/python", "tests/conftest.py", "docs/design.md", "requirements-dev.txt",
        "scripts/demo.py", "deploy/postgresql/owner.sh", "keys/private.json", "compose.yaml",
        "home/__pycache__/apps.cpython-311.pyc", "locale/th/LC_MESSAGES/django.mo",
    ],
)  # fmt: skip
def test_no_secret_no_data_and_no_test_is_sent_to_the_build(path):
    assert not is_sent(path)


def test_everything_that_runs_is_sent_to_the_build():
    sent = set(sent_files())
    apps = {app.partition(".")[0] for app in settings.INSTALLED_APPS}
    own = {app for app in apps if (ROOT / app).is_dir() or (ROOT / "site" / app).is_dir()}
    assert len(own) >= 9
    for app in own:
        assert any(path.startswith((f"{app}/", f"site/{app}/")) for path in sent), app
    assert {"manage.py", "requirements.txt", "scripts/healthcheck.py"} <= sent
    assert {path.partition("/")[0] for path in sent} == own - {"config"} | {
        "site", "locale", "scripts", "deploy", "manage.py", "requirements.txt",
    }  # fmt: skip


def test_what_is_copied_from_outside_exists_and_the_rest_comes_from_the_build():
    copied = [
        (stage, words.split()[:-1])
        for stage, lines in stages().items()
        for instruction, words in lines
        if instruction in {"COPY", "ADD"}
    ]
    assert len(copied) == 7
    for stage, words in copied:
        if stage == "build":
            assert all((ROOT / path).exists() for path in words)
        else:
            assert words[0] == "--from=build"


@pytest.mark.parametrize(("image", "stage"), IMAGES)
def test_an_image_stands_on_one_that_is_pinned_by_its_content(image, stage):
    assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+-[\w.-]+@sha256:[0-9a-f]{64}", image)


def test_the_site_runs_on_the_python_that_it_was_built_with():
    images = {stage: image for image, stage in IMAGES}
    assert list(images) == ["build", "proxy", "site"]  # the last is what `docker build .` makes
    assert images["build"] == images["site"]
    assert images["site"].startswith("python:3.11.")


def test_every_package_comes_in_by_its_hash_and_the_build_stays_behind():
    lines = [words for stage in stages().values() for name, words in stage if name == "RUN"]
    [install] = [line for line in lines if "pip " in line]
    assert install in [words for _, words in stages()["build"]]
    fetch, venv, put = install.split(" && ")
    # Without isolation nothing is fetched for the building of a package, which has no hashes.
    for word in ("--require-hashes", "--only-binary :all:", "--no-build-isolation", "--no-deps"):
        assert word in fetch
    assert fetch.endswith("-r requirements.txt")
    assert "--without-pip" in venv
    assert "--no-index" in put
    assert not re.search(r"\b(apt|apt-get|apk|curl|wget|git)\b", " ".join(lines))


@pytest.mark.parametrize("stage", ["site", "proxy"])
def test_nobody_in_a_container_is_root(stage):
    instructions = dict(stages()[stage])
    assert instructions["USER"] == "10001:10001"
    assert "VOLUME" not in instructions  # it would stay writable in a read-only container
    names = [name for name, _ in stages()[stage]]
    assert names.index("USER") > max(i for i, name in enumerate(names) if name == "COPY")


def test_no_secret_is_left_in_the_image():
    for stage in ("site", "proxy"):
        told = variables(stage)
        assert not [name for name in told if re.search("KEY|SECRET|PASSWORD|URL", name)]
    building = " ".join(words for name, words in stages()["build"] if name == "RUN")
    assert "SECRET_KEY=only-while-building" in building
    assert "ENV SECRET_KEY" not in (ROOT / "Dockerfile").read_text()
    assert "ARG" not in dict(stages()["build"])


# --- What comes out -------------------------------------------------------------------------------


class Image:
    """The steps of the build in a folder, and its services on servers of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.app, self.keys = folder, folder / "app", folder / "keys"
        site = {"ALLOWED_HOSTS": "watch.example", "BASE_URL": "https://watch.example"}
        self.services = compose(VALUES | site | {"SECRET_KEY": "s" * 60})["services"]
        self.places: dict[str, str] = {}

    def connect(self, database: services.PostgreSQL, redis: str, storage: str) -> None:
        """Puts servers of this machine where the containers' names are."""
        self.places = {
            "db:5432": f"127.0.0.1:{database.port}",
            f"redis://:{VALUES['REDIS_PASSWORD']}@redis:6379/0": redis,
            f"mekong:{VALUES['STORAGE_SECRET']}@storage:9000": storage,
            "/mekong?insecure": "/made-by-prepare?insecure",
        }

    def build(self) -> None:
        for path in sent_files():
            target = self.app / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / path).read_bytes())
        [steps] = [w for name, w in stages()["build"] if name == "RUN" and "collectstatic" in w]
        steps = re.sub(r"(?<= )/(?=app|deploy)", f"{self.folder}/", steps)
        told = {name: self.path(value) for name, value in variables("build").items()}
        subprocess.run(["sh", "-ec", steps], cwd=self.app, env=told | self.base(), check=True)

    def base(self) -> dict[str, str]:
        return {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    def path(self, value: str) -> str:
        return re.sub(r"(?<![\w/])/(?=app\b)", f"{self.folder}/", value)

    def environment(self, name: str) -> dict[str, str]:
        """What the container is told, with the places of this machine."""
        told = variables("site") | self.services[name]["environment"]
        told.pop("PATH")
        for key, value in told.items():
            for there, here in self.places.items():
                value = value.replace(there, here)
            for secret, file in SECRETS.items():
                value = value.replace(f"/run/secrets/{secret}", str(self.keys / file))
            told[key] = self.path(value)
        mark, port = str(self.folder / f"{name}-beat"), services.free_port()
        return self.base() | told | {"WORKER_BEAT": mark, "BIND": f"127.0.0.1:{port}"}

    def run(self, *words: str, name: str = "prepare") -> None:
        subprocess.run(words, cwd=self.app, env=self.environment(name), check=True)

    def start(self, name: str, environment: dict[str, str]) -> subprocess.Popen:
        command = self.services[name].get("command") or json.loads(dict(stages()["site"])["CMD"])
        program = {"gunicorn": [sys.executable, "-m", "gunicorn"], "python": [sys.executable]}
        command = [*program[command[0]], *command[1:]]
        log = self.folder / f"{name}.log"
        with log.open("w") as file:
            return subprocess.Popen(
                command,
                cwd=self.app,
                env=environment,
                stdout=file,
                stderr=file,
                start_new_session=True,
                preexec_fn=services.die_with_parent,
            )

    def is_well(self, environment: dict[str, str]) -> bool:
        [_, check] = dict(stages()["site"])["HEALTHCHECK"].split(" CMD ")
        command = [sys.executable, *json.loads(check)[1:]]
        said = subprocess.run(command, cwd=self.app, env=environment, capture_output=True)
        return said.returncode == 0

    def written(self) -> set[tuple[str, int]]:
        return {(str(path), path.stat().st_mtime_ns) for path in self.app.rglob("*")}


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Image:
    image = Image(tmp_path_factory.mktemp("image"))
    image.build()
    return image


@pytest.fixture(scope="module")
def image(built) -> Iterator[Image]:
    if not provide.PROGRAMS["redis-server"]():
        pytest.skip("redis-server is not installed; make test installs it.")
    if not provide.find_postgresql():
        pytest.skip("PostgreSQL is not installed; make test installs it.")
    with ExitStack() as stack:
        database = stack.enter_context(services.postgresql())
        storage = stack.enter_context(services.storage()).split("//")[1].split("/")[0]
        built.connect(database, stack.enter_context(services.redis()), storage)
        own_database(database)
        built.run(*built.services["prepare"]["command"])
        built.run(sys.executable, "manage.py", "keys", "create", "--out", str(built.keys))
        yield built


def own_database(server: services.PostgreSQL) -> None:
    """What PostgreSQL's image does when its data is made."""
    admin = psycopg.conninfo.conninfo_to_dict(server.url)
    environment = os.environ | {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGPASSWORD": str(admin["password"]),
        "OWNER_PASSWORD": VALUES["DATABASE_PASSWORD"],
        "PATH": f"{provide.find_postgresql()}:{os.environ['PATH']}",
    }
    subprocess.run(
        ["sh", "-e", "deploy/postgresql/owner.sh"], env=environment, check=True, cwd=ROOT
    )


@pytest.mark.xdist_group("image")
def test_the_proxy_is_given_the_files_of_the_release(built):
    static = built.app / "var" / "static"
    manifest = json.loads((static / "staticfiles.json").read_text())
    assert (static / manifest["paths"]["css/site.css"]).is_file()
    [check] = re.findall(r"/static/(\S+?)\"", dict(stages()["proxy"])["HEALTHCHECK"])
    assert (static / check).is_file()
    for _, words in [line for line in stages()["proxy"] if line[0] == "COPY"]:
        source = shlex.split(words)[1]
        assert (built.folder / source.lstrip("/")).exists(), source


@pytest.mark.xdist_group("image")
@pytest.mark.parametrize("role", ["public", "staff", "worker"])
def test_each_role_runs_as_compose_starts_it_and_writes_nothing(image, role):
    name = next(iter(ours(image.services, role)))
    environment = image.environment(name)
    before = image.written()
    assert not image.is_well(environment)  # nothing runs yet
    process = image.start(name, environment)
    try:
        deadline = time.monotonic() + PATIENCE
        while not image.is_well(environment):
            words = (image.folder / f"{name}.log").read_text()
            assert process.poll() is None, words
            assert time.monotonic() < deadline, words
            time.sleep(0.5)
        assert image.written() == before
    finally:
        process.terminate()
        process.wait(60)
    if role == "worker":
        Path(environment["WORKER_BEAT"]).unlink()  # as memory forgets it with the container
    assert not image.is_well(environment)


@pytest.mark.xdist_group("image")
def test_the_site_owns_its_database_and_rules_nothing_else(image):
    url = image.environment("prepare")["DATABASE_URL"]
    with psycopg.connect(url) as connection:
        rights = (
            "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'mekong'"
        )
        assert connection.execute(rights).fetchone() == (False, False, False)
        connection.execute("CREATE TABLE something (id integer)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("COPY something FROM PROGRAM 'true'")
