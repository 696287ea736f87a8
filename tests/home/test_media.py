"""Pictures and documents of editors: in a folder and in a bucket, from this site's own address."""

import json
import re
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.urls import reverse
from PIL import Image as Picture
from PIL.PngImagePlugin import PngInfo
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, CollectionViewRestriction

from config import environment
from tests.factories import UserFactory
from work.backend import LedgerBackend
from work.models import Job

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
Image, Document = get_image_model(), get_document_model()
CAMERA = "Nokia of somebody"


@pytest.fixture(params=["folder", "bucket"])
def files(request, settings, tmp_path, monkeypatch):
    """Where files lie, as settings would have it; and nothing lies there yet."""
    if request.param == "folder":
        settings.MEDIA_ROOT = str(tmp_path)
    else:
        monkeypatch.setenv("STORAGE_URL", request.getfixturevalue("storage_url"))
        settings.BUCKET = environment.bucket("STORAGE_URL")
        settings.STORAGES = {
            **settings.STORAGES,
            "default": {"BACKEND": "home.bucket.OriginalsInBucket"},
            "renditions": {"BACKEND": "home.bucket.RenditionsInBucket"},
        }
        # The field asked for its storage when the models were loaded.
        field = Image.get_rendition_model()._meta.get_field("file")
        monkeypatch.setattr(field, "storage", storages["renditions"])
    return request.param


@pytest.fixture
def editor(client):
    client.force_login(UserFactory(is_superuser=True))
    return client


def photograph(colour="teal", kind="JPEG") -> SimpleUploadedFile:
    """A photograph that says who took it, and where, in each way that its format knows."""
    content = BytesIO()
    exif = Picture.Exif()
    exif[0x0110] = CAMERA
    exif[0x0112] = 6  # lies on its side
    exif.get_ifd(0x8825)[2] = (17.0, 52.0, 41.0)
    written = {"exif": exif, "xmp": f"<x:xmpmeta>{CAMERA}</x:xmpmeta>".encode()}
    if kind == "JPEG":
        written["comment"] = CAMERA
    if kind == "PNG":
        written["pnginfo"] = PngInfo()
        written["pnginfo"].add_text("Author", CAMERA)
    Picture.new("RGB", (480, 640), colour).save(content, kind, **written)
    return SimpleUploadedFile(f"นางบุญมี.{kind.lower()}", content.getvalue(), f"image/{kind.lower()}")


def upload(editor, file, title="แม่น้ำโขง") -> Image:
    answer = editor.post(
        reverse("wagtailimages:add"),
        {"title": title, "file": file, "collection": Collection.get_first_root_node().pk},
    )
    assert answer.status_code == 302
    return Image.objects.get(title=title)


def shown(image, spec="width-320") -> str:
    """The address of the picture on a page that shows it."""
    template = Template("{% load wagtailimages_tags %}{% image photo " + spec + " %}")
    html = template.render(Context({"photo": image}))
    return re.search(r'src="([^"]+)"', html)[1]


def stored() -> set[str]:
    return {
        f"{folder}/{name}"
        for folder in default_storage.listdir("")[0]
        for name in default_storage.listdir(folder)[1]
    }


def test_a_picture_that_an_editor_uploads_is_shown_from_this_origin(editor, client, files):
    address = shown(upload(editor, photograph()))
    assert re.fullmatch(r"/media/images/[0-9a-f]{32}\.jpg", address)
    client.logout()
    answer = client.get(address)
    assert answer.status_code == 200
    assert Picture.open(BytesIO(answer.content)).size == (320, 240)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'"
    assert "immutable" in answer["Cache-Control"]
    assert "public" in answer["Cache-Control"]
    assert answer["X-Accel-Expires"] == "60"
    assert not answer.cookies


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_rendition_tells_neither_who_took_it_nor_where(editor, client, files, kind):
    image = upload(editor, photograph(kind=kind))
    assert default_storage.open(image.file.name).read().count(CAMERA.encode()) > 1
    specs = ("width-320", "original", "fill-100x100", "width-320 format-webp", "format-avif")
    for spec in specs:
        content = client.get(shown(image, spec)).content
        assert CAMERA.encode() not in content
        picture = Picture.open(BytesIO(content))
        assert not picture.getexif()
        assert "xmp" not in picture.info
    assert picture.size == (640, 480)  # the right way up, now that nothing says how to turn it


def test_originals_have_no_address(editor, client, files):
    image = upload(editor, photograph())
    assert image.file.name in stored()
    with pytest.raises(NotImplementedError):
        _ = image.file.url
    for name in (image.file.name, image.file.name.replace("original_images", "images")):
        assert client.get(f"/media/{name}").status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "",
        "images",
        "images/",
        "images/" + "0" * 32 + ".jpg",
        "images/../original_images/" + "0" * 32 + ".jpg",
        "images/" + "0" * 32 + ".svg",
        "images/" + "0" * 32 + ".html",
        "images/" + "0" * 32 + ".jpg\x00",
        "documents/" + "0" * 32 + ".jpg",
    ],
)
def test_nothing_but_renditions_is_served_and_nothing_is_listed(client, files, name):
    answer = client.get(f"/media/{name}")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_a_rendition_is_only_read(editor, client, files):
    address = shown(upload(editor, photograph()))
    assert client.post(address, {"file": photograph()}).status_code == 405
    assert client.head(address).status_code == 200


def test_another_picture_has_another_address(editor, client, files):
    """Or whoever kept the first one would go on seeing it."""
    image = upload(editor, photograph())
    before = shown(image)
    editor.post(
        reverse("wagtailimages:edit", args=[image.pk]),
        {
            "title": image.title,
            "file": photograph("maroon"),
            "collection": image.collection_id,
        },
    )
    assert shown(Image.objects.get(pk=image.pk)) != before


def test_pictures_alike_to_the_last_byte_keep_apart(editor, client, files):
    first, second = (upload(editor, photograph(), title) for title in ("หนึ่ง", "สอง"))
    addresses = {shown(first), shown(second)}
    assert len(addresses) == 2
    assert {client.get(address).status_code for address in addresses} == {200}


def test_what_is_deleted_is_gone(editor, client, files, django_capture_on_commit_callbacks):
    image = upload(editor, photograph())
    address = shown(image)
    assert client.get(address).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        editor.post(reverse("wagtailimages:delete", args=[image.pk]))
    assert client.get(address).status_code == 404
    assert not stored()


def test_the_task_that_deletes_a_file_carries_no_secret(editor, files, settings, monkeypatch):
    monkeypatch.setitem(settings.BUCKET, "secret_key", settings.BUCKET.get("secret_key", "unused"))
    from wagtail.tasks import delete_file_from_storage_task

    image = upload(editor, photograph())
    backend = LedgerBackend("default", {})
    backend.enqueue(
        delete_file_from_storage_task, [image.file.storage.deconstruct(), image.file.name], {}
    )
    [row] = Job.objects.filter(path=delete_file_from_storage_task.module_path)
    payload = json.dumps([row.args, row.kwargs])
    assert image.file.storage.deconstruct()[1:] == ((), {})
    assert settings.BUCKET["secret_key"] not in payload
    delete_file_from_storage_task.call(*row.args)
    assert image.file.name not in stored()


# --- Documents ------------------------------------------------------------------------------------


def document(name="คู่มือ.pdf", content=b"%PDF-1.4 guide") -> Document:
    return Document.objects.create(title="คู่มือ", file=SimpleUploadedFile(name, content))


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize(
    ("name", "how"), [("form.docx", "attachment"), ("page.html", "attachment")]
)
def test_a_document_is_served_from_this_origin_as_a_download(client, files, name, how):
    answer = client.get(document(name, b"<script>alert(1)</script>").url)
    assert answer.status_code == 200
    assert body(answer) == b"<script>alert(1)</script>"
    assert answer["Content-Disposition"].startswith(how)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'"


def test_a_document_has_no_address_in_storage(client, files):
    paper = document()
    assert client.get(f"/media/{paper.file.name}").status_code == 404
    with pytest.raises(NotImplementedError):
        _ = paper.file.url


def test_a_document_for_members_is_not_for_others(client, files):
    paper = document()
    group_only = Collection.get_first_root_node().add_child(name="ภายใน")
    paper.collection = group_only
    paper.save()
    CollectionViewRestriction.objects.create(
        collection=group_only, restriction_type=CollectionViewRestriction.LOGIN
    )
    refused = client.get(paper.url)
    assert refused.status_code == 302
    assert urlsplit(refused["Location"]).path == reverse("wagtailcore_login")
    client.force_login(UserFactory())
    assert body(client.get(paper.url)) == b"%PDF-1.4 guide"
