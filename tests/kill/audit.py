"""What must be true of an installation after everything that was done to it."""

import json

from tests.kill.reporters import Told
from tests.processes import Installation

QUESTIONS = """
import json, sys
from reporting import history, receipts, routing, sealing
from reporting.models import Report

told = json.loads(open(sys.argv[1]).read())
found = []
for one in told:
    reports = list(Report.objects.filter(intake_digest=receipts.token_digest(one["token"])))
    by_receipt = list(Report.objects.of_receipt(one["receipt"]))
    texts = [
        json.loads(sealing.open_sealed(text.sealed, sealed_to=text.sealed_to))["narrative"]
        for report in reports for text in report.sealed_texts.filter(kind="narrative")
    ]
    queues = [
        [entry.data["queue"] for entry in report.log.filter(action="receive")]
        for report in reports
    ]
    found.append({
        "reports": len(reports),
        "same": reports == by_receipt,
        "texts": texts == [one["narrative"]],
        "queue": bool(reports) and queues == [[routing.queue_name(reports[0].centre)]],
        "log": all(history.is_intact(report) for report in reports),
    })
print(json.dumps({"found": found, "total": Report.objects.count()}))
"""


def assert_all_is_kept(site: Installation, told: list[Told]) -> None:
    """Every receipt shown has its report: once, whole, in one queue, with its log unbroken."""
    asked = site.folder / "told.json"
    asked.write_text(json.dumps([one.__dict__ for one in told]))
    answer = json.loads(site.python(QUESTIONS, str(asked)))
    asked.unlink()
    right = {"reports": 1, "same": True, "texts": True, "queue": True, "log": True}
    wrong = [row for row in answer["found"] if row != right]
    assert not wrong, f"{len(wrong)} of {len(told)}: {wrong[:3]}"
    assert len({one.receipt for one in told}) == len(told)
    # A report that was filed and whose sender saw no receipt would make the numbers differ: here
    # everybody went on until they saw one.
    assert answer["total"] == len(told)
