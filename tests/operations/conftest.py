import json
from pathlib import Path

import pytest
from pyrage import x25519

from operations import age
from tests.operations.places import Place, new_database


@pytest.fixture(scope="session")
def identity(tmp_path_factory):
    """The file of a private key, as age-keygen writes it."""
    key = x25519.Identity.generate()
    file = tmp_path_factory.mktemp("key") / "identity"
    file.write_text(f"# created: today\n# public key: {key.to_public()}\n{key}\n")
    return file


@pytest.fixture(scope="session")
def recipient(identity) -> str:
    return str(age.identities(identity)[0].to_public())


@pytest.fixture(scope="session")
def source(django_db_setup, django_db_blocker, tmp_path_factory, keyrings):
    """A site that has been worked with: the demo, and what is hard to carry."""
    folder = tmp_path_factory.mktemp("source")
    with new_database() as database_url:
        place = Place(folder, database_url, keys=tuple(map(json.dumps, keyrings)))
        place.manage("migrate", "--verbosity=0")
        place.manage("load_demo")
        place.manage("shell", "-c", HARD_TO_CARRY)
        place.manage("wagtail_update_index", "--verbosity=0")  # as its worker would have
        yield place


@pytest.fixture(scope="session")
def archive(source, recipient, tmp_path_factory) -> Path:
    """The source's archive."""
    file = tmp_path_factory.mktemp("archive") / "site.age"
    source.manage("backup", "--out", str(file), "--to", recipient)
    return file


@pytest.fixture
def empty_place(tmp_path, source):
    """Another machine, with nothing on it and the same keys."""
    with new_database() as database_url:
        yield Place(tmp_path / "machine", database_url, keys=source.keys)


HARD_TO_CARRY = r"""
from io import BytesIO
from django.core.files.base import ContentFile
from django.contrib.sessions.backends.db import SessionStore
from captcha.models import CaptchaStore
from PIL import Image as Picture
from wagtail.documents.models import Document
from wagtail.images.models import Image
from articles.models import ArticlePage
from home.models import Province
from reporting import evidence
from reporting.models import Report
from work import ledger

content = BytesIO(); Picture.new("RGB", (64, 48), "teal").save(content, "PNG")
image = Image(title="น้ำโขง", file=ContentFile(content.getvalue(), name="ริมโขง ตอนเช้า.png"))
image.save(); image.get_rendition("width-32")
Document.objects.create(title="คู่มือ", file=ContentFile(b"", name="ว่าง.txt"))
Document.objects.create(title="ใหญ่", file=ContentFile(bytes(range(256)) * 40_000, name="big.bin"))

hard = "tab\t, line\nbreak\r\n, \\N, \\., 100%, %s, ?, {\"bytes\": \"eA==\"}, ' \" $1, 🙏 ก็ \u200b"
province = Province.objects.order_by("pk").first()
Province.objects.filter(pk=province.pk).update(name_en=hard[:60])
article = ArticlePage.objects.order_by("pk").first()
article.standfirst = hard; article.save_revision()
gone = Province.objects.create(code="99", name_th="หายไป", name_en="Gone"); gone.delete()

report = Report.objects.order_by("pk").first()
evidence.take(report, [b"a file of a reporter"], token="t" * 40)

session = SessionStore(); session["who"] = "somebody"; session.save()
CaptchaStore.generate_key()
ledger.add("reporting.tasks.check_deadlines")
"""
