"""What compose.yaml promises. No engine is asked: the file is read as compose reads it."""

import ast
import json
import re

import cluster
import pytest
from django.conf import settings

import proxy
from tests.deploy.shipped import ROOT, NotSet, asked, compose, ours, stages, variables

REQUIRED = {
    "RELEASE", "SECRET_KEY", "ALLOWED_HOSTS", "BASE_URL", "DATABASE_PASSWORD",
    "DATABASE_ADMIN_PASSWORD", "REDIS_PASSWORD", "STORAGE_SECRET", "KEYS", "CERTIFICATES",
}  # fmt: skip
VALUES = {name: f"given-{name.lower()}" for name in REQUIRED}
SERVICES = compose(VALUES)["services"]
SITE = {
    name: service for name, service in SERVICES.items() if "ROLE" in service.get("environment", {})
}
ONCE = {"prepare", "storage-folder"}
every_service = pytest.mark.parametrize("name", SERVICES)
every_process = pytest.mark.parametrize("name", sorted(SITE))


def reaches(name: str) -> set[str]:
    """The other services that share a network with this one."""
    networks = set(SERVICES[name].get("networks", []))
    return {
        other
        for other, service in SERVICES.items()
        if other != name and networks & set(service.get("networks", []))
    }


# --- Who runs, and with which keys ----------------------------------------------------------------


def test_it_runs_the_processes_that_make_cluster_runs():
    roles = {"public": cluster.PUBLIC, "staff": cluster.STAFF, "worker": cluster.WORKERS}
    for role, number in roles.items():
        assert len(ours(SERVICES, role)) == number
    assert set(SITE) == {name for role in roles for name in ours(SERVICES, role)} | {"prepare"}
    command = json.loads(dict(stages()["site"])["CMD"])
    for role in ("public", "staff"):
        assert all("command" not in service for service in ours(SERVICES, role).values())
    assert command[1:] == cluster.WEB[3:]
    for service in ours(SERVICES, "worker").values():
        assert service["command"][1:] == cluster.WORKER[1:]
    assert SERVICES["db"]["command"][1:] == [word for w in cluster.DURABLE for word in ("-c", w)]


def test_private_keys_are_with_staff_and_workers_and_nobody_else():
    holders = {role: ours(SERVICES, role) for role in cluster.OPENS_TEXTS}
    for services in holders.values():
        for service in services.values():
            assert service["environment"]["REPORT_PRIVATE_KEYS"].endswith("report_private_keys")
            assert "report_private_keys" in service["secrets"]
    names = {name for services in holders.values() for name in services}
    for name in SERVICES.keys() - names:
        words = json.dumps(SERVICES[name]).lower()
        assert "private" not in words, name
        # Nor the folder that holds them, by another door.
        assert VALUES["KEYS"] not in words, name
    assert len(ours(SERVICES, "public")) == 2


@every_process
def test_a_process_is_told_only_what_the_settings_read(name):
    read = set()
    for file in [*(ROOT / "site/config").rglob("*.py"), ROOT / "scripts/healthcheck.py"]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                read.add(node.value)
    told = set(SITE[name]["environment"])
    assert told - read == set()
    assert told > {"ROLE", "SECRET_KEY", "DATABASE_URL", "REDIS_URL", "STORAGE_URL"}
    assert SITE[name]["environment"]["TRUSTED_PROXIES"] == "1"


def test_only_those_who_need_a_secret_have_it():
    holders = {
        secret: {name for name, s in SERVICES.items() if VALUES[secret] in json.dumps(s)}
        for secret in ("DATABASE_ADMIN_PASSWORD", "REDIS_PASSWORD", "SECRET_KEY")
    }
    assert holders["DATABASE_ADMIN_PASSWORD"] == {"db"}
    assert holders["REDIS_PASSWORD"] == {"redis", *SITE}
    assert holders["SECRET_KEY"] == set(SITE)
    for name, service in SERVICES.items():
        assert ("certificate_key" in service.get("secrets", [])) is (name == "proxy")
        told = service.get("environment", {})
        assert ("EMAIL_URL" in told) is (name in ours(SERVICES, "worker"))
        assert ("METRICS_TOKEN" in told) is (name == "staff")
        assert ("LINE_CHANNEL_SECRET" in told) is (name == "staff")
        assert ("LINE_CHANNEL_ACCESS_TOKEN" in told) is (name in ours(SERVICES, "worker"))


# --- What is missing is said, and nothing secret stands in the file -------------------------------


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_it_refuses_to_start_without_a_value_and_names_it(name):
    with pytest.raises(NotSet, match=name):
        compose(VALUES | {name: ""})


def test_the_example_lists_what_is_asked_for_and_tells_no_value():
    lines = (ROOT / "deploy/example.env").read_text().splitlines()
    listed = [line for line in lines if line and not line.startswith("#")]
    assert {line.rstrip("=") for line in listed} == set(asked())
    assert all(line.endswith("=") for line in listed)
    assert {name for name, words in asked().items() if words != {""}} == REQUIRED
    assert all(name in said for name in REQUIRED for said in asked()[name])


def test_every_password_comes_from_outside():
    for name, service in compose()["services"].items():
        for key, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|TOKEN|AUTH|_URL$", key):
                assert "${" in value, (name, key)


# --- Who reaches whom -----------------------------------------------------------------------------


@every_service
def test_only_the_proxy_has_a_port(name):
    service = SERVICES[name]
    assert bool(service.get("ports")) is (name == "proxy")
    assert "host" not in {service.get("network_mode"), service.get("pid"), service.get("ipc")}
    assert not service.get("privileged")
    assert not service.get("links")


def test_a_process_reaches_what_it_needs_and_no_more():
    data = {"db", "redis", "storage"}
    public, workers = set(ours(SERVICES, "public")), set(ours(SERVICES, "worker"))
    for name in public:
        assert reaches(name) == {"proxy", *data, *public} - {name}
    assert reaches("staff") == {"proxy", *data, *workers, "prepare"}
    assert reaches("proxy") == {*public, "staff"}
    for name in workers:
        assert reaches(name) == {*data, *workers, "staff", "prepare"} - {name}
    assert reaches("storage-folder") == set()


def test_the_world_outside_is_there_for_the_proxy_and_for_mail_alone():
    networks = compose(VALUES)["networks"]
    inside = {name for name, words in networks.items() if words.get("internal")}
    for name, service in SERVICES.items():
        if name in {"proxy", *ours(SERVICES, "worker")}:
            assert len(set(service["networks"]) - inside) == 1
        elif service.get("network_mode") != "none":
            assert set(service["networks"]) <= inside, name
            assert service["networks"]  # else compose gives it a network with a way out


# --- Each container by itself ---------------------------------------------------------------------


@every_service
def test_a_container_can_write_nothing_and_become_nobody(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["ulimits"]["core"] == 0
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["logging"]["options"]["max-size"]
    if name == "storage-folder":  # root, to give a folder away, and shut in
        assert service["cap_add"] == ["CHOWN"]
        assert service["network_mode"] == "none"
    else:
        assert "cap_add" not in service
        assert service["user"] not in {"root", "0", "0:0"}
    if name in SITE or name == "proxy":
        assert service["user"] == "10001:10001"
        assert not service.get("volumes")


@every_service
def test_a_container_comes_back_and_says_how_it_is(name):
    service = SERVICES[name]
    assert service["restart"] == ("no" if name in ONCE else "unless-stopped")
    check = service.get("healthcheck", {})
    if name in ONCE:
        assert check == {"disable": True}
    elif name in SITE or name == "proxy":
        assert not check  # the image's own, which asks a worker otherwise than a web process
        stage = "proxy" if name == "proxy" else "site"
        assert "HEALTHCHECK" in dict(stages()[stage])
    else:
        assert check["test"][0] in {"CMD", "CMD-SHELL"}


def test_the_site_starts_when_it_was_prepared_and_not_before():
    for name in SITE.keys() - {"prepare"}:
        assert SITE[name]["depends_on"]["prepare"] == {
            "condition": "service_completed_successfully"
        }
    waits = SERVICES["prepare"]["depends_on"]
    healthy = {"condition": "service_healthy"}
    assert waits == dict.fromkeys(("db", "redis", "storage"), healthy)
    script = SERVICES["prepare"]["command"][-1].split("\n")
    assert [line.split()[2] for line in script if line] == [
        "make_bucket",
        "migrate",
        "load_reference_data",
    ]
    assert SERVICES["prepare"]["command"][:2] == ["sh", "-ec"]  # the first failure ends it


def test_a_stopped_container_gets_the_time_that_it_needs():
    from config import gunicorn

    def seconds(name: str) -> int:
        return int(SERVICES[name]["stop_grace_period"].rstrip("s"))

    for name in ours(SERVICES, "worker"):
        assert seconds(name) > settings.WORK["grace"]
    for role in ("public", "staff"):
        assert all(seconds(name) > gunicorn.graceful_timeout for name in ours(SERVICES, role))


@every_service
def test_every_image_is_ours_of_one_release_or_pinned_by_its_content(name):
    image = SERVICES[name]["image"]
    if name in SITE or name == "proxy":
        assert image.endswith(f":{VALUES['RELEASE']}")
        assert SERVICES[name]["build"]["target"] == ("proxy" if name == "proxy" else "site")
    else:
        assert re.fullmatch(r"[\w./-]+:[\w.-]*\d[\w.-]*@sha256:[0-9a-f]{64}", image)


# --- The proxy ------------------------------------------------------------------------------------


def test_the_proxy_is_told_every_name_of_its_configuration():
    told = variables("proxy") | SERVICES["proxy"]["environment"]
    configuration = proxy.render(told)  # KeyError for a name without a value
    assert "${" not in configuration
    for role in ("public", "staff"):
        servers = told[f"{role.upper()}_SERVERS"]
        named = set(re.findall(r"server ([\w-]+):8000 resolve max_fails=0;", servers))
        assert named == set(ours(SERVICES, role))
        assert servers.count("server ") == 2
    assert "listen 8080;" in told["LISTEN"]  # the image's health check asks here
    assert "listen 8443 ssl;" in told["LISTEN"]
    assert told["FORWARDED_PROTO"] == "$scheme"
    assert [port.rpartition(":")[2] for port in SERVICES["proxy"]["ports"]] == ["8080", "8443"]


def test_what_the_proxy_writes_is_in_memory():
    memory = {mount.partition(":")[0] for mount in SERVICES["proxy"]["tmpfs"]}
    assert variables("proxy")["RUN"] in memory
    assert variables("proxy")["NGINX_ENVSUBST_OUTPUT_DIR"] in memory
    assert all("/tmp" in service["tmpfs"][0] for service in SITE.values())


def test_files_that_are_mounted_exist():
    mounted = [
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if volume.startswith(".")
    ]
    assert mounted == ["./deploy/postgresql/owner.sh"]
    assert all((ROOT / path).is_file() for path in mounted)
