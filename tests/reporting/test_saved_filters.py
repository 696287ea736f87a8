"""What a person narrows the queue to, kept under a name for them alone."""

import pytest

from reporting.models import SavedFilter
from reporting.models.desk import MOST_FILTERS
from tests.factories import file_report

INDEX = "/admin/reports/"
SAVE = "/admin/reports/saved/"


@pytest.fixture
def officer(nong_khai, member):
    return member(nong_khai, "officer")


@pytest.fixture
def keep(client):
    """keep(person, "name", "status=queued") presses "Keep" in the list narrowed like that."""

    def press(person, name, query):
        client.force_login(person)
        return client.post(f"{SAVE}?{query}", {"name": name})

    return press


def kept(person) -> dict[str, dict]:
    return dict(SavedFilter.objects.filter(user=person).values_list("name", "choices"))


def test_a_kept_filter_is_a_link_that_narrows_the_list_alike(keep, client, officer, nong_khai):
    urgent = file_report(district=nong_khai.district, is_urgent=True)
    file_report(district=nong_khai.district)
    answer = keep(officer, "  ด่วน   วันนี้ ", "attention=urgent&sort=newest")
    assert answer["Location"] == f"{INDEX}?attention=urgent&sort=newest"
    assert kept(officer) == {"ด่วน วันนี้": {"attention": "urgent", "sort": "newest"}}
    [saved] = client.get(INDEX).context["saved"]
    assert not saved.is_current
    page = client.get(saved.url)
    assert [row.reference for row in page.context["rows"]] == [urgent.reference]
    assert page.context["saved"][0].is_current
    assert not page.context["can_save"]


def test_only_what_is_on_offer_is_kept_and_never_what_was_typed(keep, officer, nong_khai):
    words = "เห็นเรือแปลก"
    keep(officer, "mine", f"assignee=me&q={words}&status={words}&queue=3801&after=1.1&x={words}")
    assert kept(officer) == {"mine": {"assignee": "me"}}
    keep(officer, "nothing", f"q={words}&status={words}")
    assert list(kept(officer)) == ["mine"]


def test_hq_keeps_a_queue_as_well(keep, hq, bueng_kan):
    keep(hq, "3801", "queue=3801")
    assert kept(hq) == {"3801": {"queue": "3801"}}


@pytest.mark.parametrize("name", ["", "   ", "n" * 41, "a\x00b"])
def test_a_name_that_is_none_is_refused(keep, officer, name):
    assert keep(officer, name, "status=queued").status_code == 302
    assert kept(officer) == {}


@pytest.mark.both_databases
def test_a_name_stands_once_for_each_person(keep, officer, member, nong_khai):
    chief = member(nong_khai, "chief")
    keep(officer, "ours", "status=queued")
    keep(officer, "ours", "status=closed")
    keep(chief, "ours", "status=closed")
    assert kept(officer) == {"ours": {"status": "queued"}}
    assert kept(chief) == {"ours": {"status": "closed"}}


def test_there_are_so_many_at_most(keep, officer):
    for number in range(MOST_FILTERS):
        SavedFilter.objects.create(user=officer, name=str(number), choices={"age": "week"})
    keep(officer, "one more", "status=queued")
    assert len(kept(officer)) == MOST_FILTERS


def test_a_person_sees_and_removes_their_own_alone(client, officer, member, nong_khai):
    chief = member(nong_khai, "chief")
    saved = SavedFilter.objects.create(user=officer, name="ours", choices={"age": "week"})
    client.force_login(chief)
    assert client.get(INDEX).context["saved"] == []
    assert client.post(f"{SAVE}{saved.pk}/remove/").status_code == 404
    client.force_login(officer)
    client.get(f"{SAVE}{saved.pk}/remove/")
    assert kept(officer)
    client.post(f"{SAVE}{saved.pk}/remove/")
    assert kept(officer) == {}
