"""Two districts with their people, and an example of everything that an address can name."""

from collections.abc import Callable
from io import StringIO
from typing import Any, NamedTuple

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import URLPattern, get_resolver
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, Locale, Page, Site, Task, Workflow

from articles.models import ArticleIndexPage
from config.demo_people import load_people
from home.models import Counterpart, Crossing, District, Province, Subdistrict, User
from reporting.models import (
    Agency,
    Attachment,
    Category,
    CoordinationCentre,
    Endpoint,
    Export,
    Membership,
    Referral,
    Role,
)
from reporting.texts import seal_text
from tests.factories import UserFactory, file_report
from work.models import Job

HERE, ELSEWHERE = "4301", "3801"


class People:
    """By what they are. The reports of the matrix lie in the district HERE and at HQ."""

    def __init__(self) -> None:
        load_people()
        centre = CoordinationCentre.objects.get(district__code=HERE)
        secretary = UserFactory(username="secretary")
        Membership.objects.create(user=secretary, role=Role.SECRETARY, centre=centre)
        named = {
            "superuser": "admin",
            "editor": "editor",
            "translator": "translator",
            "analyst": "analyst",
            "auditor": "auditor",
            "hq": "hq",
            "chief": f"chief-{HERE}",
            "secretary": "secretary",
            "officer": f"officer-{HERE}",
            "coordinator": f"coordinator-{HERE}",
            "chief elsewhere": f"chief-{ELSEWHERE}",
            "officer elsewhere": f"officer-{ELSEWHERE}",
            "coordinator elsewhere": f"coordinator-{ELSEWHERE}",
        }
        self.by_role: dict[str, User | None] = {
            "nobody": None,
            **{role: User.objects.get(username=name) for role, name in named.items()},
        }
        for name in named.values():  # LINE is for who has one
            User.objects.filter(username=name).update(email=f"{name}@example.test")


class Screen(NamedTuple):
    """One address of the URL table with an example of what it names."""

    name: str
    route: str
    path: str


def make() -> tuple[People, list[Screen]]:
    """The people, and every screen of the URL table. Fails for an address without an example."""
    call_command("load_reference_data", stdout=StringIO())
    people = People()
    examples = Examples()
    return people, [screen for route in routes() for screen in examples.screens(route)]


class Route(NamedTuple):
    route: str
    namespace: str
    name: str
    pattern: URLPattern


def routes() -> list[Route]:
    """The URL table. Of two with one route the first answers; the other is never reached."""
    found: dict[str, Route] = {}
    for route, namespace, pattern in _walk(get_resolver()):
        found.setdefault(route, Route(route, namespace, pattern.name or "", pattern))
    return list(found.values())


def _walk(resolver: Any, route: str = "", namespace: str = ""):
    for pattern in resolver.url_patterns:
        whole = route + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield whole, namespace, pattern
        else:
            inner = ":".join(filter(None, [namespace, pattern.namespace]))
            yield from _walk(pattern, whole, inner)


class NoExample(AssertionError):
    """An address names something that tests/access/world.py has no example of."""


class Examples:
    """What stands in an address, by the address's own name for it."""

    def __init__(self) -> None:
        district = District.objects.get(code=HERE)
        category = Category.objects.order_by("pk").first()
        report = file_report(district=district, category=category)
        official = file_report(district=district, category=category, concerns_official=True)
        for one in (report, official):
            Referral.objects.create(
                report=one,
                agency_id="police",
                pack=seal_text(one, "pack", {"purpose": "-", "pack": "-"}),
                expires_on=timezone.localdate(),
                referred_by=User.objects.get(username=f"officer-{HERE}"),
            )
        for one in (report, official):
            Attachment.objects.create(
                report=one,
                number=1,
                upload_digest=one.receipt_digest,
                size=1,
                arrived_at=one.received_at,
                status=Attachment.Status.CLEAN,
                kind=Attachment.Kind.PHOTO,
                clean_size=1,
            )
        page = ArticleIndexPage.objects.get(locale__language_code="th")
        image = get_image_model().objects.create(title="-", file=get_test_image_file())
        document = get_document_model().objects.create(
            title="-", file=SimpleUploadedFile("a.txt", b"-")
        )
        workflow, task = Workflow.objects.first(), Task.objects.first()
        centre = CoordinationCentre.objects.get(district=district)
        job = Job.objects.order_by("pk").first()
        self.labels: dict[Any, str] = {
            report.reference: "",
            official.reference: " of an official",
            "office": " of the office",
            "reset_factor": " to reset the factor",
        }
        self.by_name: dict[str, list[Any]] = {
            "reference": [report.reference, official.reference],
            "page_id": [page.pk],
            "parent_page_id": [page.pk],
            "page_to_move_id": [page.pk],
            "page_pk": [page.pk],
            "destination_id": [page.get_parent().pk],
            "revision_id": [page.save_revision().pk],
            "image_id": [image.pk],
            "document_id": [document.pk],
            "doc_id": [document.pk],
            "collection_id": [Collection.objects.first().pk],
            "workflow_pk": [workflow.pk],
            "task_id": [task.pk],
            "number": [1],
            "job": [job.pk if job else 0],
            "export": [
                Export.objects.create(
                    user=User.objects.get(username=f"chief-{HERE}"),
                    choices={},
                    format=Export.Format.CSV,
                    language="th",
                    state=Export.State.READY,
                    total=0,
                ).pk
            ],
            "endpoint": [Endpoint.objects.create(name="-", url="-", sealed_to=[]).pk],
            "place": [HERE, "office"],
            "membership": [Membership.objects.get(user__username=f"officer-{HERE}").pk],
            "content_type_app_name": ["articles"],
            "content_type_model_name": ["articlepage"],
            "filter_spec": ["width-100"],
            "action": ["delete"],
            "step": ["deactivate", "reset_factor"],
            "key": ["x"],
            "uidb36": ["1"],
            "uidb64": ["MQ"],
            "token": ["x"],
            "mode": [""],
            "object_id": [str(page.pk)],
            "action_name": ["approve"],
            "name": ["images/none.jpg"],
            # Nothing of this number is there: whoever may not must be refused before that is told.
            **{name: [999_999] for name in NOT_THERE},
        }
        self.pk_in: dict[str, Callable[[], Any]] = {
            "accounts": lambda: User.objects.get(username=f"officer-{HERE}"),
            "agencies": Agency.objects.first,
            "centres": lambda: centre,
            "memberships": lambda: Membership.objects.get(
                user__username=f"officer-{HERE}", role=Role.OFFICER
            ),
            "crossings": Crossing.objects.first,
            "districts": lambda: district,
            "subdistricts": Subdistrict.objects.first,
            "provinces": Province.objects.first,
            "counterparts": Counterpart.objects.first,
            "wagtaillocales": Locale.objects.first,
            "wagtailsites": Site.objects.first,
            "wagtailusers_users": lambda: User.objects.get(username=f"officer-{HERE}"),
            "wagtailusers_groups": _first_group,
            "wagtailadmin_collections": Collection.objects.first,
            "wagtailadmin_workflows": lambda: workflow,
            "wagtailadmin_api:pages": lambda: page,
            "wagtailadmin_api:images": lambda: image,
            "wagtailadmin_api:documents": lambda: document,
            "wagtaildocs_chooser": lambda: document,
            "wagtailimages_chooser": lambda: image,
            "wagtailsnippets_reporting_category": lambda: category,
            "wagtailsnippetchoosers_reporting_category": lambda: category,
            "wagtail_localize": lambda: category,
            "": lambda: Page.objects.get(pk=page.pk),
        }
        self.models = [("wagtailcore", "page"), ("reporting", "report"), ("home", "user")]
        self.settings = [
            ("home", "sitesettings", Site.objects.first().pk),
            ("reporting", "reportingsettings", 1),
        ]

    def screens(self, route: Route) -> list[Screen]:
        """The address with each of its examples."""
        return [
            Screen(
                name=f"{':'.join(filter(None, [route.namespace, route.name]))}{label}",
                route=f"{route.route}{label}",
                path=path,
            )
            for path, label in self._paths(route)
        ]

    def _paths(self, route: Route):
        if route.route in PLAIN:
            yield PLAIN[route.route], ""
            return
        paths = [(route.route, "")]
        names = list(route.pattern.pattern.converters) or list(
            route.pattern.pattern.regex.groupindex
        )
        whole = _converters(route.route)
        if {"app_label", "model_name"} <= set(whole) or {"app_name", "model_name"} <= set(whole):
            yield from self._of_models(route, whole)
            return
        for name in whole or names:
            paths = [
                (_filled(path, name, value), label + self.labels.get(value, ""))
                for path, label in paths
                for value in self._values(route, name)
            ]
        for path, label in paths:
            yield _plain(path), label

    def _values(self, route: Route, name: str) -> list[Any]:
        if name == "pk":
            find = self.pk_in.get(route.namespace)
            if find is None:
                raise NoExample(f"{route.route}: what is {name} of {route.namespace}?")
            return [find().pk]
        if name not in self.by_name:
            raise NoExample(f"{route.route}: what is {name}?")
        return self.by_name[name]

    def _of_models(self, route: Route, names: list[str]):
        """Wagtail's general addresses, asked for a page, for a report and for a person."""
        is_setting = route.namespace == "wagtailsettings"
        for app, model, *pk in self.settings if is_setting else self.models:
            path = route.route
            for name in names:
                if name in ("app_label", "app_name"):
                    value: Any = app
                elif name == "model_name":
                    value = model
                elif name == "pk":
                    value = pk[0] if pk else 1
                else:
                    value = self._values(route, name)[0]
                path = _filled(path, name, value)
            yield _plain(path), f" for {app}.{model}"


NOT_THERE = (
    "redirect_id",
    "saved",
    "restriction_id",
    "page_view_restriction_id",
    "session_id",
    "task_state_id",
    "workflow_state_id",
    "uploaded_file_id",
    "translation_source_id",
    "translation_id",
    "string_segment_id",
    "overridable_segment_id",
)
# Addresses written as regular expressions, and without a name.
PLAIN = {
    "": "/",
    "admin/^password_reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "/admin/password_reset/1-x/",
    "admin/pages/^(?P<pk>\\d+)/revisions/compare/(?P<revision_id_a>live|earliest|\\d+)\\.\\.\\."
    "(?P<revision_id_b>live|latest|\\d+)/$": "/admin/pages/1/revisions/compare/live...latest/",
    "admin/^.*/$": "/admin/nothing/of/this/name/",
    "documents/^(\\d+)/(.*)$": "/documents/999999/a.txt",
    "th/^((?:[\\w\\-]+/)*)$": "/th/",
}


def _first_group() -> Any:
    from django.contrib.auth.models import Group

    return Group.objects.order_by("pk").first()


def _converters(route: str) -> list[str]:
    """The names in an address, from all the parts it is made of."""
    return [part.split(">")[0].split(":")[-1] for part in route.split("<")[1:] if ">" in part]


def _filled(path: str, name: str, value: Any) -> str:
    before, rest = path.split("<", 1)
    inside, after = rest.split(">", 1)
    assert inside.split(":")[-1] == name, path
    return f"{before}{value}{after}"


def _plain(path: str) -> str:
    return "/" + path.replace("^", "").replace("$", "")
