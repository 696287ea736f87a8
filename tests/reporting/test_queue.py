"""The list of reports: what it shows, narrows, sorts, counts and costs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from reporting.lifecycle import TRANSITIONS, move
from reporting.models import Report, Status
from reporting.views import staff_counts, staff_words
from reporting.views.staff_filters import normalised_reference
from reporting.views.staff_paging import Order
from tests.factories import CategoryFactory, MembershipFactory, file_report

INDEX = "/admin/reports/"


@pytest.fixture
def officer(nong_khai, member):
    return member(nong_khai, "officer")


@pytest.fixture
def queue(client, officer):
    """queue(status="all") is the list as the officer of Nong Khai sees it."""
    client.force_login(officer)

    def look(**query):
        return client.get(INDEX, query)

    return look


def references(answer) -> list[str]:
    return [row.reference for row in answer.context["rows"]]


def option(answer, name: str, value: str) -> str:
    choice = answer.context["filters"].choices[name]
    return next(str(found.label) for found in choice.options if found.value == value)


def test_a_row_says_what_is_known_and_what_comes_next(queue, nong_khai):
    report = file_report(district=nong_khai.district, is_urgent=True)
    page = queue().content.decode()
    for words in (report.reference, str(report.category), nong_khai.district.name):
        assert words in page
    assert "report-mark--urgent" in page
    row = queue().context["rows"][0]
    assert row.next_step == TRANSITIONS["accept"].label
    assert row.url == reverse("reports:report", args=[report.reference])


def test_an_officer_sees_their_queue_and_hq_sees_all_and_which(
    queue, client, nong_khai, bueng_kan, hq
):
    ours = file_report(district=nong_khai.district)
    theirs = file_report(district=bueng_kan.district)
    unplaced = file_report()
    assert references(queue()) == [ours.reference]
    client.force_login(hq)
    answer = client.get(INDEX)
    assert set(references(answer)) == {ours.reference, theirs.reference, unplaced.reference}
    assert str(nong_khai) in {row.queue for row in answer.context["rows"]}
    assert references(client.get(INDEX, {"queue": "hq"})) == [unplaced.reference]
    assert set(references(client.get(INDEX, {"queue": "districts"}))) == {
        ours.reference,
        theirs.reference,
    }
    assert references(client.get(INDEX, {"queue": "3801"})) == [theirs.reference]


def test_an_officer_is_offered_no_other_queue(queue, nong_khai, bueng_kan):
    file_report(district=bueng_kan.district)
    answer = queue(queue="3801")
    assert "queue" not in answer.context["filters"].choices
    assert references(answer) == []


def test_a_report_that_concerns_an_official_shows_nowhere_in_the_district(
    queue, client, nong_khai, hq
):
    ordinary = file_report(district=nong_khai.district)
    hidden = file_report(district=nong_khai.district, concerns_official=True, is_urgent=True)
    for person in nong_khai.memberships.exclude(role="coordinator"):
        client.force_login(person.user)
        for query in ({}, {"status": "all"}, {"attention": "urgent"}, {"q": hidden.reference}):
            answer = client.get(INDEX, query)
            assert hidden.reference not in references(answer)
        assert option(client.get(INDEX), "status", "open").endswith("(1)")
        assert option(client.get(INDEX), "status", "received").endswith("(1)")
        home = client.get("/admin/").content.decode()
        assert "<strong>1</strong>" in home
        assert "<strong>2</strong>" not in home
        refused = client.post(
            reverse("reports:merge", args=[ordinary.reference]), {"into": hidden.reference}
        )
        unknown = client.post(
            reverse("reports:merge", args=[ordinary.reference]), {"into": "0" * 8}
        )
        assert refused.context["form"].errors == unknown.context["form"].errors != {}
    client.force_login(hq)
    assert hidden.reference in references(client.get(INDEX))


@pytest.fixture
def mixed(nong_khai, officer, member):
    """Reports of Nong Khai in several states, by what is special about them."""
    other = CategoryFactory(code="drug_trafficking", name_th="ยาเสพติด", name_en="Drugs")
    made = {
        name: file_report(district=nong_khai.district, **words)
        for name, words in {
            "plain": {},
            "urgent": {"is_urgent": True},
            "drugs": {"category": other},
            "mine": {},
            "rejected": {},
            "old": {},
            "overdue": {},
        }.items()
    }
    move(made["mine"], "accept", by=officer)
    move(made["mine"], "assign", by=officer, assignee=officer)
    move(made["rejected"], "reject", by=officer, reason="spam")
    now = timezone.now()
    Report.objects.filter(pk=made["old"].pk).update(received_at=now - timedelta(days=20))
    Report.objects.filter(pk=made["overdue"].pk).update(due_at=now - timedelta(hours=3))
    return {name: report.reference for name, report in made.items()}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"plain", "urgent", "drugs", "mine", "old", "overdue"}),
        ({"status": "all"}, {"plain", "urgent", "drugs", "mine", "rejected", "old", "overdue"}),
        ({"status": "queued"}, {"mine"}),
        ({"status": "rejected"}, {"rejected"}),
        ({"attention": "urgent"}, {"urgent"}),
        ({"attention": "overdue"}, {"overdue"}),
        ({"age": "older"}, {"old"}),
        ({"age": "week"}, {"plain", "urgent", "drugs", "mine", "overdue"}),
        ({"assignee": "me"}, {"mine"}),
        ({"assignee": "nobody", "status": "queued"}, set()),
        ({"status": "nonsense", "age": "x", "sort": "id; drop", "category": "-1"}, None),
    ],
)
def test_filters_narrow_the_list(queue, mixed, query, found):
    everything_open = {"plain", "urgent", "drugs", "mine", "old", "overdue"}
    names = everything_open if found is None else found
    assert set(references(queue(**query))) == {mixed[name] for name in names}


def test_the_category_filter_narrows_the_list(queue, mixed):
    category = Report.objects.get(reference=mixed["drugs"]).category_id
    assert references(queue(category=category)) == [mixed["drugs"]]


def test_search_finds_by_reference_alone_whatever_the_status(queue, mixed):
    assert references(queue(q=mixed["rejected"].lower())) == [mixed["rejected"]]
    assert mixed["plain"] in references(queue(q=mixed["plain"][:4]))
    for nothing in ("เรือ", "%", "_", "????", "' or 1=1", "A\x00B"):
        assert references(queue(q=nothing)) == []


def test_a_reference_is_understood_as_it_is_read_aloud():
    assert normalised_reference(" o1il-abcd ") == "0111ABCD"


@pytest.mark.parametrize("sort", ["newest", "oldest", "deadline"])
def test_pages_go_on_where_the_last_one_ended(queue, nong_khai, officer, monkeypatch, sort):
    monkeypatch.setattr("reporting.views.staff_queue.PAGE", 3)
    reports = [file_report(district=nong_khai.district) for _ in range(8)]
    for days, report in enumerate(reports[:4]):
        at = timezone.now() - timedelta(days=days % 2)  # several share a moment
        Report.objects.filter(pk=report.pk).update(received_at=at, due_at=at)
    move(reports[7], "reject", by=officer, reason="test")  # it has no deadline
    expected = references(queue(status="all", sort=sort))
    seen, after = [], ""
    for _ in range(5):
        answer = queue(status="all", sort=sort, after=after)
        seen += references(answer)
        following = answer.context["next_page"]
        if not following:
            break
        after = following.rsplit("after=", 1)[1]
    assert expected == seen[:3]
    assert len(seen) == len(set(seen)) == 8
    times = [Report.objects.get(reference=found) for found in seen]
    if sort == "deadline":
        assert times[-1].due_at is None
        assert [found.due_at for found in times[:-1]] == sorted(
            found.due_at for found in times[:-1]
        )
    else:
        assert [found.received_at for found in times] == sorted(
            (found.received_at for found in times), reverse=sort == "newest"
        )


@pytest.mark.parametrize(
    "token",
    ["x", "-.", "1", "1.x", "9" * 17 + "." + "9" * 18, "-.1", "๑.๑", "1.1.1", "9" * 99],
)
@pytest.mark.parametrize("sort", ["newest", "deadline"])
def test_a_token_that_is_none_does_no_harm(queue, nong_khai, token, sort):
    file_report(district=nong_khai.district)
    assert queue(after=token, sort=sort).status_code == 200


def test_a_token_says_where_a_row_lies():
    at = datetime(2026, 11, 22, 12, 30, 0, 123456, tzinfo=UTC)
    report = Report(pk=7, received_at=at, due_at=None)
    assert Order("received_at").token(report) == "1795350600123456.7"
    assert Order("due_at").token(report) == "-.7"


def test_the_list_costs_the_same_for_two_rows_and_for_fifty(
    queue, client, nong_khai, bueng_kan, hq, officer
):
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(INDEX, {"status": "all"}).status_code == 200
        return len(queries)

    for person in (officer, hq):
        client.force_login(person)
        for _ in range(2):
            report = file_report(district=nong_khai.district)
            move(report, "accept", by=officer)
            move(report, "assign", by=officer, assignee=officer)
        cost()  # the first request of a session fills caches
        few = cost()
        for number in range(24):
            report = file_report(district=(nong_khai, bueng_kan)[number % 2].district)
            if number % 2 == 0:
                move(report, "accept", by=officer)
                move(report, "assign", by=officer, assignee=officer)
            file_report(district=nong_khai.district)
        assert cost() == few


@pytest.mark.parametrize("who", ["officer", "chief", "hq"])
def test_lists_take_twelve_queries_at_most_and_reports_fourteen(client, nong_khai, member, hq, who):
    person = hq if who == "hq" else member(nong_khai, who)
    officer = member(nong_khai, "officer")
    report = file_report(district=nong_khai.district)
    move(report, "accept", by=officer)
    move(report, "assign", by=officer, assignee=officer)
    move(report, "verify", by=officer)
    grades = {"reliability": "B", "credibility": "2", "reason": "seen"}
    move(report, "record_finding", by=officer, **grades)
    repeat = file_report(district=nong_khai.district)
    move(repeat, "merge", by=officer, into=report)
    client.force_login(person)
    filters = {"status": "all", "category": report.category_id, "age": "week"}
    for path, query in (
        (INDEX, {}),
        (INDEX, filters),
        (INDEX, {"sort": "oldest", "assignee": "me"}),
        (reverse("reports:report", args=[report.reference]), {}),
        (reverse("reports:report", args=[repeat.reference]), {}),
    ):
        client.get(path, query)  # the process now knows categories and centres
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path, query).status_code == 200
        said = "\n".join(query["sql"][:160] for query in queries)
        most = 12 if path == INDEX else 14  # files are one, likely duplicates another
        assert len(queries) <= most, f"{path}\n{said}"


def test_a_report_costs_the_same_however_much_was_done_with_it(client, nong_khai, officer):
    report = file_report(district=nong_khai.district)
    move(report, "accept", by=officer)
    move(report, "verify", by=officer)
    client.force_login(officer)

    def cost() -> int:
        path = reverse("reports:report", args=[report.reference])
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        return len(queries)

    few = cost()
    grades = {"reliability": "B", "credibility": "2", "reason": "seen"}
    for _ in range(10):
        move(report, "record_finding", by=officer, **grades)
        move(file_report(district=nong_khai.district), "merge", by=officer, into=report)
    assert cost() == few


def test_finished_reports_have_no_deadline_and_stand_newest_first(queue, nong_khai, officer):
    reports = [file_report(district=nong_khai.district) for _ in range(3)]
    for days, report in enumerate(reports):
        move(report, "reject", by=officer, reason="test")
        at = timezone.now() - timedelta(days=days)
        Report.objects.filter(pk=report.pk).update(received_at=at)
    expected = [report.reference for report in reports]
    assert references(queue(status="rejected")) == expected
    assert references(queue(status="rejected", sort="oldest")) == expected[::-1]


def test_counts_are_of_open_reports_in_one_query(
    queue, mixed, nong_khai, officer, django_assert_num_queries
):
    with django_assert_num_queries(1):
        counts = staff_counts.count_open(Report.objects.filter(centre=nong_khai), officer)
    assert (counts.open, counts.overdue, counts.mine) == (6, 1, 1)
    assert counts.by_status[Status.RECEIVED] == 5
    answer = queue(status="queued")
    assert option(answer, "status", "received").endswith("(5)")
    assert option(answer, "status", "open").endswith("(6)")


def test_counting_stops_at_a_limit_and_says_so(nong_khai, officer, monkeypatch):
    monkeypatch.setattr(staff_counts, "LIMIT", 2)
    for _ in range(5):
        file_report(district=nong_khai.district)
    counts = staff_counts.count_open(Report.objects.all(), officer)
    assert counts.is_capped
    assert counts.words(counts.open) == "3+"


def test_the_panel_on_the_first_page_counts_what_waits(client, officer, mixed):
    client.force_login(officer)
    panel = next(
        panel
        for panel in client.get("/admin/").context["panels"]
        if getattr(panel, "name", "") == "open_reports"
    )
    request = type("Request", (), {"user": officer})
    tiles = panel.get_context_data({"request": request})["tiles"]
    assert [tile.number for tile in tiles] == ["5", "1", "1"]
    for tile in tiles:
        assert len(client.get(tile.url).context["rows"]) == int(tile.number)


@pytest.mark.parametrize(
    ("delta", "words"),
    [
        (timedelta(minutes=20), "less than an hour left"),
        (timedelta(hours=1, minutes=5), "1 hour left"),
        (timedelta(hours=30), "30 hours left"),
        (timedelta(days=5, hours=1), "5 days left"),
        (timedelta(minutes=-1), "overdue by less than an hour"),
        (timedelta(hours=-2), "overdue by 2 hours"),
        (timedelta(days=-3, hours=-1), "overdue by 3 days"),
    ],
)
def test_a_deadline_is_told_in_words(delta, words):
    from django.utils import translation

    now = timezone.now()
    with translation.override("en"):
        assert staff_words.deadline(Report(due_at=now + delta), now) == words
        assert staff_words.deadline(Report(due_at=None), now) == "none"
        assert staff_words.age(now - timedelta(hours=5), now) == "5 hours ago"
        assert staff_words.age(now, now) == "within the hour"


@pytest.mark.parametrize(("role", "is_told"), [("analyst", True), ("officer", False)])
def test_who_has_no_screens_yet_is_told_so(client, nong_khai, role, is_told):
    centre = None if role == "analyst" else nong_khai
    client.force_login(MembershipFactory(centre=centre, role=role).user)
    page = client.get("/admin/", headers={"accept-language": "en"}).content.decode()
    assert ("no screens for your role yet" in page) == is_told
