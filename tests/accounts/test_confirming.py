"""What weighs much asks for the second factor again, and nobody loses what they had chosen."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from home.confirming import ConfirmedMixin
from reporting import exporting, originals
from reporting.models import Export, OriginalRequest, Report
from tests.access.world import routes
from tests.factories import MembershipFactory, file_report
from tests.reporting.made_files import photo
from tests.reporting.test_evidence import PIECE, taken

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demanded")]

AUTHENTICATE = "/admin/account/factor/authenticate/"
CONFIRM = "/admin/account/confirm/"
AGAIN = "/admin/account/factor/reauthenticate/"
BULK = "/admin/reports/bulk/"
# Every address before which the second factor is asked for again.
ASKING = {
    "accounts:edit",
    "accounts:end_role",
    "accounts:invite",
    "accounts:invite_colleague",
    "accounts:step",
    "memberships:add",
    "memberships:delete",
    "memberships:edit",
    "people:hand_over",
    "reports:allow_original",
    "reports:ask_export",
    "reports:bulk",
    "reports:download_export",
    "reports:open_original",
}


@pytest.fixture
def chief(with_app, nong_khai):
    MembershipFactory(user=with_app, role="chief", centre=nong_khai)
    return with_app


@pytest.fixture
def long_ago(client, chief, type_password, code, settings):
    """A session whose factor was shown longer ago than counts."""
    type_password()
    client.post(AUTHENTICATE, {"code": code()})
    age(client, settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + 1)
    return client


def age(client, seconds: float) -> None:
    session = client.session
    session["account_authentication_methods"] = [
        {**record, "at": record["at"] - seconds}
        for record in session["account_authentication_methods"]
    ]
    session.save()


def confirm(client, answer) -> str:
    """Follows to the page that asks, types a recovery code, and tells where that leads."""
    assert answer["Location"].startswith(CONFIRM)
    asking = client.get(answer["Location"])
    assert asking["Location"].startswith(AGAIN)
    assert client.get(asking["Location"]).status_code == 200
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    done = client.post(asking["Location"], {"code": codes[0]})
    assert done.status_code == 302
    return done["Location"]


@pytest.fixture
def reports(nong_khai):
    return [file_report(district=nong_khai.district) for _ in range(3)]


def choose(client, reports, act="accept", query="?sort=newest", **more):
    return client.post(BULK + query, {"act": act, "report": [r.reference for r in reports], **more})


def statuses() -> set[str]:
    return set(Report.objects.values_list("status", flat=True))


def test_several_reports_wait_for_the_factor_and_the_choice_survives(long_ago, reports):
    answer = choose(long_ago, reports[:2])
    assert statuses() == {"received"}
    back = confirm(long_ago, answer)
    page = long_ago.get(back)
    assert page.status_code == 200
    chosen = [one["reference"] for one in page.context["chosen"]]
    assert set(chosen) == {one.reference for one in reports[:2]}
    assert (page.context["act"], page.context["query"]) == ("accept", "sort=newest")
    done = choose(long_ago, reports[:2])
    assert done["Location"] == "/admin/reports/?sort=newest"
    assert [Report.objects.get(pk=one.pk).status for one in reports] == [
        *("queued", "queued"),
        "received",
    ]


def test_whom_they_were_to_be_assigned_to_survives_as_well(long_ago, reports, nong_khai, member):
    officer = member(nong_khai, "officer")
    back = confirm(long_ago, choose(long_ago, reports, "assign", assignee=officer.pk))
    page = long_ago.get(back)
    assert f'value="{officer.pk}" selected' in page.content.decode()


def test_hiding_in_ones_own_list_asks_nothing(long_ago, reports):
    assert choose(long_ago, reports, "unfold")["Location"] == "/admin/reports/"


def test_what_is_no_reference_comes_into_no_address(long_ago, reports):
    answer = choose(long_ago, [*reports, Report(reference="เห็นเรือ")], assignee="เห็นเรือ")
    [following] = parse_qs(urlsplit(answer["Location"]).query)["next"]
    assert set(parse_qs(urlsplit(following).query)) == {"sort", "act", "report"}
    assert len(parse_qs(urlsplit(following).query)["report"]) == 3


def test_a_report_of_another_queue_is_404_on_the_page_of_the_choice(long_ago, reports, bueng_kan):
    theirs = file_report(district=bueng_kan.district)
    back = confirm(long_ago, choose(long_ago, [*reports, theirs]))
    assert long_ago.get(back).status_code == 404


def test_a_factor_counts_for_its_minutes_and_no_longer(client, chief, type_password, code, reports):
    type_password()
    client.post(AUTHENTICATE, {"code": code()})
    age(client, 9 * 60)
    assert choose(client, reports[:1])["Location"].startswith("/admin/reports/")
    age(client, 61)
    assert choose(client, reports[1:])["Location"].startswith(CONFIRM)


def test_a_password_typed_just_now_is_not_enough(long_ago, reports):
    session = long_ago.session
    password, factor = session["account_authentication_methods"]
    password = {**password, "at": password["at"] + 1000, "reauthenticated": True}
    session["account_authentication_methods"] = [factor, password]
    session.save()
    assert choose(long_ago, reports)["Location"].startswith(CONFIRM)
    assert statuses() == {"received"}


def test_where_no_factor_is_demanded_nobody_is_asked(client, chief, reports, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    client.force_login(chief)
    assert choose(client, reports)["Location"] == "/admin/reports/?sort=newest"
    assert statuses() == {"queued"}


@pytest.mark.both_databases
def test_an_original_waits_for_the_factor_and_its_permission_is_not_spent(
    long_ago, chief, reports, nong_khai, member, settings
):
    settings.EVIDENCE = settings.EVIDENCE | {"piece": PIECE}
    report = reports[0]
    file = taken(report, photo())
    originals.ask(file, by=chief)
    originals.allow(file, by=member(nong_khai, "secretary"))
    address = reverse("reports:open_original", args=[report.reference, 1])
    back = confirm(long_ago, long_ago.post(address))
    assert OriginalRequest.objects.get().opened_at is None
    assert back == reverse("reports:report", args=[report.reference])
    opened = long_ago.post(address)
    assert b"".join(opened.streaming_content) == photo()
    assert OriginalRequest.objects.get().opened_at


@pytest.mark.both_databases
def test_a_list_waits_for_the_factor_before_it_is_chosen_and_before_it_is_saved(
    long_ago, chief, reports
):
    page = "/admin/reports/exports/new/?status=received"
    assert confirm(long_ago, long_ago.get(page)) == page
    assert long_ago.post(page, {"format": "csv"})["Location"] == "/admin/reports/exports/"
    export = Export.objects.get()
    exporting.make(export)
    age(long_ago, 601)
    assert long_ago.post(page, {"format": "csv"})["Location"].startswith(CONFIRM)
    assert Export.objects.count() == 1
    address = reverse("reports:download_export", args=[export.pk])
    assert confirm(long_ago, long_ago.post(address)) == "/admin/reports/exports/"
    assert not export.log.filter(action="download").exists()
    assert long_ago.post(address).status_code == 200


def test_outside_the_queue_nobody_is_asked(long_ago, bueng_kan):
    theirs = file_report(district=bueng_kan.district)
    address = reverse("reports:open_original", args=[theirs.reference, 1])
    assert long_ago.post(address).status_code == 404


def test_these_views_ask_and_no_others():
    found = {
        f"{route.namespace}:{route.name}"
        for route in routes()
        if issubclass(getattr(route.pattern.callback, "view_class", object), ConfirmedMixin)
    }
    assert found == ASKING
