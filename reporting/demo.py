"""Demo reports in every state, taken there by the same functions that people use."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from home.content import read_json
from home.models import District, Subdistrict, User
from reporting import dialogue, receipts
from reporting.intake import Arrival, receive
from reporting.lifecycle import move
from reporting.models import Category, CoordinationCentre, Membership, Report, Role, Status
from reporting.starter import CONTENT

# What an officer asks the reporter of each report that is being checked.
QUESTION = "ขอบคุณที่แจ้งเข้ามา พอจะบอกได้ไหมว่าเห็นครั้งล่าสุดเมื่อไร และอยู่ใกล้จุดสังเกตใดในพื้นที่"

Walk = Callable[[Report, User, User], None]


def load_reports() -> None:
    """Files the demo's reports once each and walks them on, so that every state can be seen."""
    categories = Category.objects.in_bulk(field_name="code")
    districts = District.objects.in_bulk(field_name="code")
    subdistricts = Subdistrict.objects.in_bulk(field_name="code")
    walked: Counter[int | None] = Counter()  # each queue goes through all the walks
    for number, words in enumerate(read_json(CONTENT / "reports.json")):
        receipt = receive(
            Arrival(
                category=categories[words["category"]],
                district=districts.get(words["district"]),
                subdistrict=subdistricts.get(words["subdistrict"]),
                when=words["when"],
                narrative=words["narrative"],
                is_urgent=words["danger_now"],
                concerns_official=words["concerns_official"],
                language=words["language"],
            ),
            # Always the same on this machine, so that it is filed once, and known nowhere else.
            token=receipts.token_digest(f"demo report {number}"),
        )
        team = _team(receipt.report.centre)
        if receipt.is_repeat or team is None:
            continue
        queue = receipt.report.centre_id
        WALKS[walked[queue] % len(WALKS)](receipt.report, *team)
        walked[queue] += 1


def _team(centre: CoordinationCentre | None) -> tuple[User, User] | None:
    """Who works on the queue in the demo: one who checks, and one who countersigns."""
    roles = (Role.OFFICER, Role.CHIEF) if centre else (Role.HQ, Role.HQ)
    people = [
        Membership.objects.current()
        .filter(centre=centre, role=role)
        .order_by("pk")[index : index + 1]
        for index, role in ((0, roles[0]), (0 if centre else 1, roles[1]))
    ]
    members = [member.user for found in people for member in found]
    return (members[0], members[1]) if len(members) == 2 else None


def _receive(report: Report, officer: User, chief: User) -> None:
    """Left as it came."""


def _queue(report: Report, officer: User, chief: User) -> None:
    move(report, "accept", by=officer)


def _verify(report: Report, officer: User, chief: User) -> None:
    _queue(report, officer, chief)
    move(report, "assign", by=chief, assignee=officer)
    move(report, "verify", by=officer)
    dialogue.write(report, QUESTION, by=officer, token=receipts.new_token())


def _find(report: Report, officer: User, chief: User) -> None:
    _verify(report, officer, chief)
    move(
        report,
        "record_finding",
        by=officer,
        reliability="B",
        credibility="2",
        reason="สอบถามผู้ใหญ่บ้านและ ชรบ. ในพื้นที่แล้ว ข้อมูลตรงกันเป็นส่วนใหญ่",
    )


def _refer(report: Report, officer: User, chief: User) -> None:
    _find(report, officer, chief)
    move(
        report,
        "refer",
        by=officer,
        agency="police",
        receiver="พนักงานสอบสวนเวร สถานีตำรวจในพื้นที่",
        purpose="ขอให้ตรวจสอบพื้นที่ร่วมกัน",
        pack="มีผู้พบเห็นเหตุที่ควรตรวจสอบในพื้นที่ อำเภอตรวจสอบเบื้องต้นแล้วเห็นว่าน่าเชื่อถือ",
        expires_on=timezone.localdate() + timedelta(days=30),
    )


def _propose(report: Report, officer: User, chief: User) -> None:
    _find(report, officer, chief)
    move(report, "propose_closing", by=officer, outcome="acted", evidence_type="visit")


def _close(report: Report, officer: User, chief: User) -> None:
    _propose(report, officer, chief)
    move(report, "close", by=chief, evidence_type="visit")


def _reject(report: Report, officer: User, chief: User) -> None:
    move(report, "reject", by=officer, reason="test", words="เรื่องทดลองใช้ระบบ")


def _merge(report: Report, officer: User, chief: User) -> None:
    others = Report.objects.filter(centre=report.centre_id, status=Status.QUEUED)
    if original := others.exclude(pk=report.pk).first():
        move(report, "merge", by=officer, into=original)


WALKS: tuple[Walk, ...] = (
    _receive,
    _queue,
    _find,
    _close,
    _refer,
    _propose,
    _merge,
    _reject,
    _verify,
)
