"""Who meets what at every address of the staff's screens."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import get_resolver, reverse
from django.utils import timezone

from reporting.lifecycle import TRANSITIONS, move
from reporting.models import (
    Endpoint,
    Finding,
    LogEntry,
    Message,
    Referral,
    Report,
    SealedText,
    Sketch,
    SketchBand,
)
from reporting.texts import seal_text
from reporting.viewsets import (
    endpoints_viewset,
    intake_viewset,
    people_viewset,
    report_viewset,
)
from tests.factories import MembershipFactory, UserFactory, file_report
from work.models import Job

OWN_QUEUE = ("officer", "secretary", "chief")
INSIDERS = (*OWN_QUEUE, "hq")
OUTSIDERS = ("stranger", "coordinator", "superuser", "editor", "analyst", "former officer")
EVERYBODY = (*INSIDERS, *OUTSIDERS, "auditor")

# What GET answers to those who may see a report that was just received: of its queue, and HQ.
# 302 leads back to the report, 403 is a step of another role, 409 a step of another status.
SCREENS = {
    # The stranger has a queue of their own to look at; test_queue.py tells what is in it.
    "index": dict.fromkeys((*INSIDERS, "stranger"), 200),
    "bulk": dict.fromkeys((*INSIDERS, "stranger"), 302),
    "save_filter": dict.fromkeys((*INSIDERS, "stranger"), 302),
    "remove_filter": dict.fromkeys((*INSIDERS, "stranger"), 302),
    "report": dict.fromkeys(INSIDERS, 200),
    "read": dict.fromkeys(INSIDERS, 302),
    "message": {**dict.fromkeys(OWN_QUEUE, 200), "hq": 403},
    "file": dict.fromkeys(INSIDERS, 302),
    "ask_original": dict.fromkeys(INSIDERS, 302),
    "allow_original": dict.fromkeys(INSIDERS, 302),
    "open_original": dict.fromkeys(INSIDERS, 302),
    "centres": {"hq": 200},
    "log": {"auditor": 200},
    "tasks": {"hq": 200},
    "unusual": {"chief": 200, "hq": 200},
    "exports": dict.fromkeys(("chief", "secretary", "hq"), 200),
    "ask_export": dict.fromkeys(("chief", "secretary", "hq"), 200),
    "export_log": {"auditor": 200},
    "download_export": {},  # of the one who asked, in test_exports.py
    "retry_task": {"hq": 302},
    "discard_task": {"hq": 302},
    "accept": dict.fromkeys(INSIDERS, 302),
    "verify": dict.fromkeys(INSIDERS, 302),
    "reroute": {**dict.fromkeys(OWN_QUEUE, 200), "hq": 403},
    "reject": {**dict.fromkeys(OWN_QUEUE, 200), "hq": 403},
    "merge": {**dict.fromkeys(OWN_QUEUE, 200), "hq": 403},
    "assign": dict.fromkeys(INSIDERS, 409),
    "record_finding": {**dict.fromkeys(OWN_QUEUE, 409), "hq": 403},
    "reverse_finding": {**dict.fromkeys(OWN_QUEUE, 409), "hq": 403},
    "hand_over": {**dict.fromkeys(OWN_QUEUE, 409), "hq": 403},
    "send_back": {**dict.fromkeys(OWN_QUEUE, 409), "hq": 403},
    # The report of this table has one referral, from before it went back to the beginning.
    "referral": dict.fromkeys(INSIDERS, 200),
    "print_referral": dict.fromkeys(INSIDERS, 302),
    "download_referral": dict.fromkeys(INSIDERS, 302),
    "refer": {**dict.fromkeys(OWN_QUEUE, 409), "hq": 403},
    "return": {**dict.fromkeys(OWN_QUEUE, 409), "hq": 403},
    "propose_closing": {**dict.fromkeys(OWN_QUEUE, 409), "hq": 403},
    "close": {**dict.fromkeys(OWN_QUEUE, 409), "hq": 403},
    "reopen": {"officer": 403, "secretary": 403, "chief": 409, "hq": 409},
}
# What stands below /admin/intake/ is everybody's to whom a villager may turn, of any district.
TAKERS = (*INSIDERS, "stranger", "coordinator")
INTAKE_SCREENS = {
    "index": dict.fromkeys(TAKERS, 200),
    "mine": dict.fromkeys(TAKERS, 200),
    "keep": dict.fromkeys(TAKERS, 302),
    "discard": dict.fromkeys(TAKERS, 302),
}
# What stands below /admin/reports/people/, about an officer of the report's queue.
PEOPLE_SCREENS = {
    "index": dict.fromkeys((*INSIDERS, "stranger"), 200),
    "told": dict.fromkeys((*INSIDERS, "stranger"), 200),
    "link_line": {},  # of who has a mail address, in test_line.py
    "unlink_line": dict.fromkeys((*INSIDERS, "stranger"), 302),
    "away": dict.fromkeys(INSIDERS, 200),
    "back": dict.fromkeys(INSIDERS, 302),
    "hand_over": dict.fromkeys(("secretary", "chief", "hq"), 200),
}
ENDPOINT_SCREENS = {
    "index": {"hq": 200},
    "switch": {"hq": 302},
    "remove": {"hq": 302},
}
WITHOUT_REFERENCE = {
    "index",
    "bulk",
    "save_filter",
    "centres",
    "log",
    "tasks",
    "unusual",
    "exports",
    "ask_export",
    "export_log",
}
OF_A_TASK = {"retry_task", "discard_task"}
OF_A_FILE = {"file", "ask_original", "allow_original", "open_original"}
OF_A_REFERRAL = {"referral", "print_referral", "download_referral"}


@pytest.fixture
def report(nong_khai, member):
    report = file_report(district=nong_khai.district)
    Referral.objects.create(
        report=report,
        agency_id="police",
        pack=seal_text(report, "pack", {"purpose": "ตรวจ", "pack": "สรุป"}),
        expires_on=timezone.localdate(),
        referred_by=member(nong_khai, "officer"),
    )
    clean = {"status": "clean", "kind": "photo", "upload_digest": "x", "size": 1}
    report.attachments.create(number=1, arrived_at=report.received_at, **clean)
    return report


@pytest.fixture
def people(nong_khai, bueng_kan, member, hq):
    editor = UserFactory()
    editor.user_permissions.set(Permission.objects.all())
    yesterday = timezone.localdate() - timedelta(days=1)
    return {
        "officer": member(nong_khai, "officer"),
        "secretary": member(nong_khai, "secretary"),
        "chief": member(nong_khai, "chief"),
        "hq": hq,
        "stranger": member(bueng_kan, "officer"),
        "coordinator": member(nong_khai, "coordinator"),
        "superuser": UserFactory(is_superuser=True),
        "editor": editor,
        "analyst": MembershipFactory(role="analyst").user,
        "auditor": MembershipFactory(role="auditor").user,
        "former officer": MembershipFactory(
            centre=nong_khai, role="officer", starts_on=yesterday, ends_on=yesterday
        ).user,
    }


def address(screen: str, report: Report) -> str:
    args = [] if screen in WITHOUT_REFERENCE else [report.reference]
    if screen in OF_A_FILE:
        args = [report.reference, 1]
    if screen == "remove_filter":
        args = [1]  # whose it is, test_saved_filters.py tells
    if screen == "download_export":
        args = [1]
    if screen in OF_A_TASK:
        args = [Job.objects.values_list("pk", flat=True).first()]
    if screen in OF_A_REFERRAL:
        args.append(1)
    return reverse(f"reports:{screen}", args=args)


def test_every_screen_of_the_viewset_is_in_the_table():
    assert {pattern.name for pattern in report_viewset.get_urlpatterns()} == set(SCREENS)
    assert {pattern.name for pattern in intake_viewset.get_urlpatterns()} == set(INTAKE_SCREENS)
    assert {pattern.name for pattern in people_viewset.get_urlpatterns()} == set(PEOPLE_SCREENS)
    endpoints = {pattern.name for pattern in endpoints_viewset.get_urlpatterns()}
    assert endpoints == set(ENDPOINT_SCREENS)


@pytest.mark.parametrize("screen", ENDPOINT_SCREENS)
def test_endpoints_are_hqs_alone(client, people, screen):
    endpoint = Endpoint.objects.create(name="-", url="https://a.test/", sealed_to=[])
    address = reverse(f"endpoints:{screen}", args=[] if screen == "index" else [endpoint.pk])
    answer = client.get(address)
    assert answer["Location"].startswith(reverse("wagtailadmin_login"))
    for who in EVERYBODY:
        client.force_login(people[who])
        answer = client.get(address)
        assert (who, answer.status_code) == (who, ENDPOINT_SCREENS[screen].get(who, 404))
        assert "no-store" in answer["Cache-Control"]
        if who in ENDPOINT_SCREENS[screen]:
            continue
        for method in ("post", "put", "delete", "head", "options"):
            answer = getattr(client, method)(address)
            assert (who, method, answer.status_code) == (who, method, 404)
    assert Endpoint.objects.get().is_active


@pytest.mark.parametrize("screen", PEOPLE_SCREENS)
def test_absences_are_the_queues_own(client, people, screen, settings):
    settings.LINE_CHANNEL_SECRET = "so-that-there-is-such-a-channel"
    of_a_person = {"away", "back", "hand_over"}
    membership = people["officer"].memberships.get()
    address = reverse(f"people:{screen}", args=[membership.pk] if screen in of_a_person else [])
    answer = client.get(address)
    assert answer["Location"].startswith(reverse("wagtailadmin_login"))
    for who in EVERYBODY:
        client.force_login(people[who])
        answer = client.get(address)
        assert (who, answer.status_code) == (who, PEOPLE_SCREENS[screen].get(who, 404))
        assert "no-store" in answer["Cache-Control"]
        if who in PEOPLE_SCREENS[screen]:
            continue
        for method in ("post", "put", "delete", "head", "options"):
            answer = getattr(client, method)(address, {"to": people["chief"].pk})
            assert (who, method, answer.status_code) == (who, method, 404)


@pytest.mark.parametrize("screen", INTAKE_SCREENS)
def test_the_intake_is_for_those_to_whom_a_villager_turns(client, people, report, screen):
    before = Report.objects.filter(pk=report.pk).values().get()
    for who in EVERYBODY:
        client.force_login(people[who])
        answer = client.get(reverse(f"intake:{screen}"))
        assert (who, answer.status_code) == (who, INTAKE_SCREENS[screen].get(who, 404))
        assert "no-store" in answer["Cache-Control"]
        if who in TAKERS:
            continue
        for method in ("post", "put", "delete", "head", "options"):
            answer = getattr(client, method)(reverse(f"intake:{screen}"), {"narrative": "seen"})
            assert (who, method, answer.status_code) == (who, method, 404)
    assert Report.objects.values().get() == before


@pytest.mark.parametrize("screen", INTAKE_SCREENS)
def test_nobody_gets_into_the_intake_without_signing_in(client, db, screen):
    for method in ("get", "post"):
        answer = getattr(client, method)(reverse(f"intake:{screen}"))
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("wagtailadmin_login"))


@pytest.mark.parametrize("screen", SCREENS)
def test_screens_follow_the_queue(client, people, report, screen):
    for who in EVERYBODY:
        client.force_login(people[who])
        answer = client.get(address(screen, report))
        assert (who, answer.status_code) == (who, SCREENS[screen].get(who, 404))
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("screen", SCREENS)
def test_outside_the_queue_every_method_answers_404_and_changes_nothing(
    client, people, report, screen
):
    before = Report.objects.filter(pk=report.pk).values().get()
    entries = LogEntry.objects.count()
    for who in OUTSIDERS:
        client.force_login(people[who])
        for method in ("post", "put", "delete", "head", "options"):
            if who in SCREENS[screen]:
                continue
            answer = getattr(client, method)(address(screen, report))
            assert (who, method, answer.status_code) == (who, method, 404)
    assert Report.objects.filter(pk=report.pk).values().get() == before
    assert LogEntry.objects.count() == entries


@pytest.mark.parametrize("screen", SCREENS)
def test_nobody_gets_in_without_signing_in(client, report, screen):
    for method in ("get", "post"):
        answer = getattr(client, method)(address(screen, report))
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("wagtailadmin_login"))


def test_a_report_elsewhere_answers_like_one_that_does_not_exist(client, people, report):
    client.force_login(people["stranger"])
    elsewhere = client.get(address("report", report))
    nowhere = client.get(reverse("reports:report", args=["0" * 8]))
    assert elsewhere.status_code == nowhere.status_code == 404
    assert without_addresses(elsewhere, report.reference) == without_addresses(nowhere, "0" * 8)


def without_addresses(answer, reference: str) -> str:
    page = answer.content.decode().replace(reference, "")
    return re.sub(r"[A-Za-z0-9]{64}", "", page)  # tokens against forgery differ by themselves


def test_a_superuser_who_is_an_officer_sees_the_queue_of_the_membership_only(
    client, nong_khai, bueng_kan, report
):
    person = UserFactory(is_superuser=True)
    MembershipFactory(user=person, centre=bueng_kan, role="officer")
    client.force_login(person)
    assert client.get(address("index", report)).status_code == 200
    assert client.get(address("report", report)).status_code == 404


def test_wagtails_own_reports_keep_their_addresses(client, db):
    client.force_login(UserFactory(is_superuser=True))
    for name in ("locked_pages", "workflow", "site_history", "aging_pages"):
        assert client.get(reverse(f"wagtailadmin_reports:{name}")).status_code == 200


# --- Every route of the admin ----------------------------------------------------------------

GUARDED = (Report, LogEntry, SealedText, Finding, Referral, Message, Sketch, SketchBand)


def routes(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), pattern


def models_of(pattern) -> set[type]:
    view = getattr(pattern.callback, "view_class", None)
    given = getattr(pattern.callback, "view_initkwargs", {})
    return {given.get("model"), getattr(view, "model", None)}


def is_staff_view(view: type | None) -> bool:
    return view is not None and view.__module__.startswith("reporting.views.staff")


def test_no_other_route_of_the_admin_is_about_reports():
    ours, others = set(), set()
    for route, pattern in routes(get_resolver()):
        view = getattr(pattern.callback, "view_class", None)
        is_ours = view is not None and "GateMixin" in {base.__name__ for base in view.__mro__}
        if is_ours:
            ours.add(route)
        elif models_of(pattern) & set(GUARDED) or is_staff_view(view):
            others.add(route)
    assert ours == {
        f"admin/{viewset.url_prefix}/{pattern.pattern}"
        for viewset in (report_viewset, intake_viewset, people_viewset, endpoints_viewset)
        for pattern in viewset.get_urlpatterns()
    }
    assert others == set()


def test_the_table_of_screens_has_every_step_of_staff():
    assert set(TRANSITIONS) - {"contest"} <= set(SCREENS)


@pytest.mark.parametrize("who", ["superuser", "editor", "stranger"])
def test_wagtails_general_screens_do_not_reach_reports(client, people, report, who):
    client.force_login(people[who])
    for path in (
        f"/admin/bulk/reporting/report/delete/?id={report.pk}",
        "/admin/snippets/reporting/report/",
        f"/admin/snippets/reporting/report/edit/{report.pk}/",
        f"/admin/snippets/reporting/report/history/{report.pk}/",
        f"/admin/snippets/reporting/report/usage/{report.pk}/",
        "/admin/snippets/reporting/sealedtext/",
        "/admin/snippets/reporting/logentry/",
        "/admin/settings/reporting/report/1/",
        f"/admin/localize/submit/snippet/reporting/report/{report.pk}/",
        "/admin/snippets/choose/reporting/report/",
        "/admin/api/main/reports/",
    ):
        answer = client.get(path)
        is_home = answer.get("Location") == reverse("wagtailadmin_home")
        assert answer.status_code == 404 or is_home, path


def test_search_history_and_usage_name_no_report(client, people, report, nong_khai, member):
    move(report, "accept", by=member(nong_khai, "officer"))
    client.force_login(people["superuser"])
    for path in (
        "/admin/reports/site-history/",
        "/admin/reports/workflow/",
        "/admin/reports/workflow_tasks/",
        reverse("districts:usage", args=[nong_khai.district_id]),
        reverse("districts:history", args=[nong_khai.district_id]),
        reverse("centres:usage", args=[nong_khai.pk]),
        reverse("centres:history", args=[nong_khai.pk]),
        f"/admin/snippets/reporting/category/usage/{report.category_id}/",
        reverse("wagtailusers_users:edit", args=[member(nong_khai, "officer").pk]),
        reverse("wagtailadmin_home"),
    ):
        answer = client.get(path)
        assert (path, answer.status_code) == (path, 200)
        assert report.reference not in answer.content.decode(), path


def test_the_admins_search_answers_alike_for_a_report_and_for_nothing(client, people, report):
    for who in ("superuser", "editor", "officer"):
        client.force_login(people[who])
        pages = [
            without_addresses(client.get(f"/admin/pages/search/?q={words}"), words)
            for words in (report.reference, "0" * 8)
        ]
        assert pages[0] == pages[1]


def test_reports_are_neither_indexed_nor_registered_as_wagtail_content():
    from wagtail.models import ReferenceIndex
    from wagtail.search.index import get_indexed_models
    from wagtail.snippets.models import get_snippet_models

    for model in GUARDED:
        assert model not in get_indexed_models()
        assert model not in get_snippet_models()
        assert not ReferenceIndex.is_indexed(model)
        assert model not in ReferenceIndex.tracked_models


def test_the_people_of_the_log_are_not_deleted(client, nong_khai, member, report):
    officer = member(nong_khai, "officer")
    move(report, "accept", by=officer)
    client.force_login(UserFactory(is_superuser=True))
    answer = client.post(reverse("wagtailusers_users:delete", args=[officer.pk]))
    assert answer.status_code == 302
    answer = client.post(f"/admin/bulk/home/user/delete/?id={officer.pk}&next=/admin/users/")
    assert answer.status_code == 302
    officer.refresh_from_db()
    nobody = UserFactory()
    client.post(reverse("wagtailusers_users:delete", args=[nobody.pk]))
    assert not type(nobody).objects.filter(pk=nobody.pk).exists()


# --- The access log --------------------------------------------------------------------------


def test_the_log_shows_who_did_what_to_which_report_and_never_a_text(
    client, people, report, member, nong_khai
):
    secret = "คำที่ไม่ควรปรากฏในบันทึก"
    move(report, "accept", by=people["officer"])
    move(report, "reroute", by=people["officer"], to=None, reason=secret)
    client.force_login(people["auditor"])
    page = client.get(reverse("reports:log")).content.decode()
    assert page.count(report.reference) == 3
    assert people["officer"].username in page
    assert secret not in page


def test_the_log_goes_on_from_the_last_entry_seen(client, people, report, monkeypatch):
    monkeypatch.setattr("reporting.views.staff_log.PAGE", 2)
    for step in ("accept", "verify"):
        move(report, step, by=people["officer"])
    client.force_login(people["auditor"])
    first = client.get(reverse("reports:log"))
    assert len(first.context["entries"]) == 2
    second = client.get(reverse("reports:log") + first.context["next_page"])
    assert len(second.context["entries"]) == 1
    assert second.context["next_page"] == ""
    for garbage in ("x", "-1", "9" * 40, "%00", "๑๒"):
        assert client.get(reverse("reports:log"), {"before": garbage}).status_code == 200
