"""Likely duplicates: found by place, time, category and words, for those of the queue alone."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reporting import duplicates, history
from reporting.duplicates import likely_duplicates
from reporting.lifecycle import move
from reporting.models import LogEntry, Report, Sketch, SketchBand
from reporting.sealing import SealingUnavailable
from reporting.tasks import announce, sketch_report
from tests.factories import CategoryFactory, SubdistrictFactory, file_report
from tests.reporting import matters
from work.models import Job

BOATS, JOBS = matters.BOATS, matters.JOBS


@pytest.fixture
def officer(nong_khai, member):
    return member(nong_khai, "officer")


@pytest.fixture
def told(nong_khai):
    """told("words", days=2) is a report of Nong Khai with its sketch, so many days old."""

    def make(narrative, *, days=0, **words):
        words.setdefault("district", nong_khai.district)
        report = file_report(narrative=narrative, **words)
        at = report.received_at - timedelta(days=days)
        Report.objects.filter(pk=report.pk).update(received_at=at)
        duplicates.make_sketch(report)
        report.refresh_from_db()
        return report

    return make


def found(report) -> list[str]:
    return [one.report.reference for one in likely_duplicates(report, visible=Report.objects.all())]


def page(client, person, report) -> str:
    client.force_login(person)
    answer = client.get(
        reverse("reports:report", args=[report.reference]), headers={"accept-language": "en"}
    )
    return answer.content.decode()


# --- Making sketches ------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_sketch_is_asked_for_after_the_arrival_and_made_once(nong_khai):
    report = file_report(district=nong_khai.district)
    Job.objects.all().delete()
    announce.call(report.pk)
    [job] = Job.objects.all()
    assert (job.path, job.args) == ("reporting.tasks.sketch_report", [report.pk])
    for _ in range(2):
        sketch_report.call(report.pk)
    assert Sketch.objects.get().report == report
    assert SketchBand.objects.count() == len(set(SketchBand.objects.values_list("number")))
    Job.objects.all().delete()
    announce.call(report.pk)
    assert not Job.objects.exists()
    sketch_report.call(0)  # gone meanwhile


def test_opening_for_comparison_is_logged_as_the_systems_and_kept_to_the_hour(told):
    report = told(BOATS[0])
    entry = LogEntry.objects.get(action="sketch")
    assert (entry.actor, entry.user, entry.data) == ("system", None, {})
    assert entry.at == history.to_the_hour(entry.at)
    assert history.is_intact(report)


def test_nothing_is_logged_or_kept_where_it_could_not_be_opened(nong_khai, settings):
    report = file_report(district=nong_khai.district)
    settings.REPORT_PRIVATE_KEYS = ""
    with pytest.raises(SealingUnavailable):
        duplicates.make_sketch(report)
    assert not Sketch.objects.exists()
    assert not LogEntry.objects.filter(action="sketch").exists()


def test_the_database_tells_nothing_of_the_words_without_a_private_key(told, nong_khai, bueng_kan):
    ours, theirs = told(BOATS[0]), told(BOATS[0], district=bueng_kan.district)
    at_office = told(BOATS[0], district=nong_khai.district, concerns_official=True)
    kept = {one.report_id: bytes(one.places) for one in Sketch.objects.all()}
    assert len({kept[one.pk] for one in (ours, theirs, at_office)}) == 3
    numbers = [
        set(SketchBand.objects.filter(report=one).values_list("number", flat=True))
        for one in (ours, theirs, at_office)
    ]
    assert not numbers[0] & numbers[1]
    assert not numbers[0] & numbers[2]


def test_sending_on_takes_the_sketch_away_and_asks_for_one_of_the_other_queue(
    told, officer, bueng_kan
):
    report = told(BOATS[0])
    before = bytes(Sketch.objects.get().places)
    Job.objects.all().delete()
    move(report, "reroute", by=officer, to=bueng_kan, reason="theirs")
    assert not Sketch.objects.exists()
    assert not SketchBand.objects.exists()
    assert Job.objects.filter(path="reporting.tasks.sketch_report").count() == 1
    sketch_report.call(report.pk)
    assert Sketch.objects.get().centre == bueng_kan
    assert bytes(Sketch.objects.get().places) != before


def test_a_short_text_is_not_opened_again_and_again(told):
    report = told("เรือแปลก")
    assert bytes(Sketch.objects.get().places) == b""
    assert not SketchBand.objects.exists()
    duplicates.make_sketch(report)
    assert LogEntry.objects.filter(action="sketch").count() == 1


def test_reports_from_before_get_theirs_when_opened_or_by_a_command(client, nong_khai, officer):
    reports = [file_report(district=nong_khai.district) for _ in range(3)]
    Job.objects.all().delete()
    client.force_login(officer)
    client.post(reverse("reports:read", args=[reports[0].reference]))
    assert [job.args for job in Job.objects.all()] == [[reports[0].pk]]
    sketch_report.call(reports[0].pk)
    Job.objects.all().delete()
    call_command("sketch_reports", stdout=StringIO())
    assert {tuple(job.args) for job in Job.objects.all()} == {(one.pk,) for one in reports[1:]}
    Job.objects.all().delete()
    call_command("sketch_reports", "--again", stdout=StringIO())
    assert Job.objects.count() == 3


# --- Finding them ---------------------------------------------------------------------------------


@pytest.mark.both_databases
@pytest.mark.parametrize("matter", matters.SAME)
def test_what_tells_of_the_same_in_other_words_is_found(told, matter):
    for words in matters.OTHERS:
        told(words)
    first, *others = [told(words) for words in matter]
    assert set(found(first)) == {one.reference for one in others}


def test_another_matter_is_not_found(told):
    reports = [told(words) for words in (BOATS[0], JOBS[0], *matters.OTHERS)]
    assert [found(report) for report in reports] == [[]] * len(reports)


def test_words_that_are_rather_the_same_need_a_place_or_a_category(told):
    drugs = CategoryFactory(code="drug_trafficking", name_th="ยาเสพติด", name_en="Drugs")
    first = told(BOATS[0])
    other = told(BOATS[2], category=drugs)
    assert other.reference not in found(first)
    same_place = SubdistrictFactory()
    Report.objects.filter(pk__in=[first.pk, other.pk]).update(subdistrict=same_place)
    first.refresh_from_db()
    assert other.reference in found(first)


def test_without_words_to_compare_place_category_and_days_have_to_do(told):
    place = SubdistrictFactory()
    first = told("เรือแปลก", subdistrict=place)
    same, long_text = told("เรืออีกแล้ว", subdistrict=place), told(BOATS[0], subdistrict=place)
    told("เรือแปลก", subdistrict=SubdistrictFactory())
    told("เรือแปลก", subdistrict=place, days=5)
    told("เรือแปลก", subdistrict=place, category=None)
    assert set(found(first)) == {same.reference, long_text.reference}
    other_matter = told(JOBS[0], subdistrict=place)
    assert other_matter.reference not in found(long_text)


def test_weeks_apart_it_is_another_night(told):
    first, near, far = told(BOATS[0]), told(BOATS[0], days=29), told(BOATS[0], days=32)
    assert found(first) == [near.reference]
    assert found(far) == [near.reference]


def test_what_is_merged_rejected_or_finished_is_not_offered(told, officer):
    first, merged, rejected = (told(BOATS[0]) for _ in range(3))
    move(merged, "merge", by=officer, into=first)
    move(rejected, "reject", by=officer, reason="test")
    for report in (first, Report.objects.get(pk=merged.pk)):
        assert found(report) == []


def test_five_at_most_the_likeliest_first(told):
    first, rather = told(BOATS[0]), told(BOATS[1])
    same = [told(BOATS[0]) for _ in range(6)]
    assert len(found(first)) == 5
    assert set(found(first)) <= {one.reference for one in same}
    assert rather.reference not in found(first)


# --- Who sees them --------------------------------------------------------------------------------


def test_the_page_says_why_and_offers_to_merge(told, client, officer):
    place = SubdistrictFactory()
    first, other = told(BOATS[0], subdistrict=place), told(BOATS[0], subdistrict=place, days=2)
    html = page(client, officer, first)
    assert "same subdistrict, same category, 2 days apart, almost the same words" in html
    link = f"{reverse('reports:merge', args=[first.reference])}?into={other.reference}"
    assert link in html
    assert client.get(link).context["form"].initial["into"] == other.reference
    client.post(link, {"into": other.reference})
    assert Report.objects.get(pk=first.pk).merged_into == other


def test_another_queue_is_never_compared_not_even_for_hq(
    told, client, officer, hq, bueng_kan, member
):
    ours = told(BOATS[0])
    theirs = told(BOATS[0], district=bueng_kan.district)
    of_official = told(BOATS[0], concerns_official=True)
    for person, report in (
        (officer, ours),
        (member(bueng_kan, "officer"), theirs),
        (hq, of_official),
    ):
        assert "Likely the same matter" not in page(client, person, report)
    second = told(BOATS[1], concerns_official=True)
    assert second.reference in page(client, hq, of_official)


def test_who_may_not_read_is_not_told_what_is_alike(told, client, hq):
    ours, other = told(BOATS[0]), told(BOATS[0])
    html = page(client, hq, ours)
    assert "Likely the same matter" not in html
    assert other.reference not in html


def test_a_report_outside_the_visible_is_not_named(told):
    first, other = told(BOATS[0]), told(BOATS[0])
    visible = Report.objects.exclude(pk=other.pk)
    assert likely_duplicates(first, visible=visible) == []


def test_a_link_that_brings_nonsense_prefills_a_reference_at_most(client, officer, told):
    report = told(BOATS[0])
    client.force_login(officer)
    link = reverse("reports:merge", args=[report.reference])
    answer = client.get(link, {"into": '"><script>alert(1)</script>'})
    assert "<script>alert" not in answer.content.decode()
    assert len(answer.context["form"].initial["into"]) <= 8


def test_a_report_costs_the_same_with_two_alike_and_with_many(told, client, officer):
    place = SubdistrictFactory()
    first = told(BOATS[0], subdistrict=place)
    told(BOATS[0], subdistrict=place)
    page(client, officer, first)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(client, officer, first)
        return len(queries)

    few = cost()
    for _ in range(10):
        told(BOATS[1], subdistrict=place)
        told("เรือแปลก", subdistrict=place)
    assert cost() == few
