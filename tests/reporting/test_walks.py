"""Random walks: no walk leaves the table, loses a report, or leaves it in no queue."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from reporting import history
from reporting.lifecycle import TRANSITIONS, TransitionNotAllowed, move
from reporting.models import (
    Membership,
    Report,
    Role,
    Status,
)
from reporting.texts import open_texts
from tests.factories import (
    CategoryFactory,
    CentreFactory,
    MembershipFactory,
    UserFactory,
    file_report,
)

PEOPLE = ("officer-a", "chief-a", "officer-b", "chief-b", "hq", "hq-2", "stranger", "reporter")
walks = st.lists(
    st.tuples(st.sampled_from(sorted(TRANSITIONS)), st.sampled_from(PEOPLE), st.integers(0, 3)),
    min_size=1,
    max_size=25,
)


@pytest.mark.both_databases
class TestWalks(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.a = CentreFactory(district__code="4301", staffed=True)
        cls.b = CentreFactory(district__code="3801", staffed=True)
        cls.serious = CategoryFactory(code="human_trafficking", is_serious=True)
        cls.ordinary = CategoryFactory()
        cls.people = {
            "officer-a": cls.a.memberships.filter(role=Role.OFFICER).first().user,
            "chief-a": cls.a.memberships.get(role=Role.CHIEF).user,
            "officer-b": cls.b.memberships.filter(role=Role.OFFICER).first().user,
            "chief-b": cls.b.memberships.get(role=Role.CHIEF).user,
            "hq": MembershipFactory(role=Role.HQ).user,
            "hq-2": MembershipFactory(role=Role.HQ).user,
            "stranger": UserFactory(),
            "reporter": None,
        }

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        walk=walks,
        in_district=st.booleans(),
        concerns_official=st.booleans(),
        serious=st.booleans(),
    )
    def test_a_report_is_never_lost(self, walk, in_district, concerns_official, serious):
        words = {
            "district": self.a.district if in_district else None,
            "concerns_official": concerns_official,
            "category": self.serious if serious else self.ordinary,
            "narrative": "ข้อความที่ต้องไม่หาย",
        }
        report, other = file_report(**words), file_report(**words)
        total = Report.objects.count()
        for name, who, variant in walk:
            before = Report.objects.get(pk=report.pk)
            try:
                move(
                    before, name, by=self.people[who], **self.details(name, before, other, variant)
                )
                moved = True
            except (TransitionNotAllowed, PermissionDenied):
                moved = False
            after = Report.objects.get(pk=report.pk)
            self.assert_step_was_in_the_table(name, before, after, moved)
            self.assert_in_exactly_one_queue(after)
            assert history.is_intact(after)
            assert Report.objects.count() == total
        self.assert_still_readable(Report.objects.get(pk=report.pk))

    def details(self, name, report, other, variant):
        people = [self.people[who] for who in ("officer-a", "chief-b", "hq", "stranger")]
        return {
            "reroute": {"to": [self.a, self.b, None, self.b][variant], "reason": "เหตุผล"},
            "reject": {
                "reason": ["spam", "abuse", "test", "nonsense"][variant],
                "words": ["", "เหตุผล", "เหตุผล", ""][variant],
            },
            "merge": {"into": [other, report, other, other][variant]},
            "assign": {"assignee": people[variant]},
            "record_finding": {
                "reliability": "ABCZ"[variant],
                "credibility": "1236"[variant],
                "reason": "เหตุผล",
            },
            "refer": {
                "agency": ["police", "customs", "navy", "nobody"][variant],
                "receiver": "ผู้รับ",
                "purpose": "ตรวจ",
                "pack": "สรุป",
                "expires_on": timezone.localdate() + timedelta(days=variant - 1),
            },
            "reverse_finding": {
                "finding": (report.findings.values_list("pk", flat=True).last(), 0)[variant % 2],
                "reason": ["ผิด", "ผิด", "", "ผิด"][variant],
            },
            "hand_over": {"referral": [None, 1, 2, 9][variant]},
            "return": {
                "answer": ["ได้", "", "ได้", "ได้"][variant],
                "referral": [None, 1, 2, 9][variant],
            },
            "close": {"evidence_type": ["visit", "seizure", "", "visit"][variant]},
            "send_back": {"reason": ["ยังไม่พอ", "ยังไม่พอ", "", "ยังไม่พอ"][variant]},
            "propose_closing": {
                "outcome": ["acted", "unfounded", "", "acted"][variant],
                "evidence_type": "visit",
            },
            "contest": {"words": "ไม่จริง"},
            "reopen": {"reason": ["มีใหม่", "มีใหม่", "", "มีใหม่"][variant]},
        }.get(name, {})

    def assert_step_was_in_the_table(self, name, before, after, moved):
        step = TRANSITIONS[name]
        if moved:
            assert before.status in step.sources
            assert after.status == (step.target or before.status)
        else:
            assert (after.status, after.centre_id) == (before.status, before.centre_id)
        assert after.status in Status.values

    def assert_in_exactly_one_queue(self, report):
        """One group of people works on it, every other person is shut out."""
        seen_by = {
            who
            for who, person in self.people.items()
            if person and Report.objects.visible_to(person).filter(pk=report.pk).exists()
        }
        district = {
            None: set(),
            self.a.pk: {"officer-a", "chief-a"},
            self.b.pk: {"officer-b", "chief-b"},
        }
        assert seen_by == {"hq", "hq-2"} | district[report.centre_id]
        if report.concerns_official:
            assert report.centre_id is None
        if report.is_open:
            assert report.due_at is not None

    def assert_still_readable(self, report):
        readers = Membership.objects.filter(
            centre=report.centre_id, role__in=(Role.OFFICER, Role.HQ)
        )
        texts = open_texts(report, by=readers.first().user)
        assert texts[0].words["narrative"] == "ข้อความที่ต้องไม่หาย"
