"""What people of a site do first, on whatever code PYTHONPATH names, without a server.

    python tests/upgrades/walk.py file TOKEN      files a report, prints its receipt
    python tests/upgrades/walk.py look RECEIPT    prints as JSON what people are shown

It uses addresses and names that outlive a release, because a former release walks here too.
"""

import json
import re
import sys

import django
from django.conf import settings

DISTRICT, OFFICER = "4301", "officer-4301"
NARRATIVE = "เห็นเรือหางยาวสองลำจอดท้ายหมู่บ้านตอนตีสาม มีคนขนกระสอบขึ้นฝั่ง"
PAGES = ["/th/", "/en/", "/th/articles/", "/en/events/", "/th/search/?q=เรือ", "/th/report/"]


def main(verb: str, word: str) -> None:
    # Whoever walks here has collected no static files.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    django.setup()
    print(json.dumps({"file": file, "look": look}[verb](word), ensure_ascii=False))


def file(token: str) -> str:
    from home.models import District

    form = {
        "token": token,
        "narrative": NARRATIVE,
        "district": District.objects.get(code=DISTRICT).code,
        "captcha_0": captcha(),
        "captcha_1": "PASSED",
    }
    answer = visitor().post("/th/report/", form).content.decode()
    shown = re.search(r'id="receipt">(.*?)</p>', answer, re.S)
    assert shown, answer
    return re.sub(r"\D", "", re.sub(r"<[^>]+>", "", shown[1]))


def look(receipt: str) -> dict:
    from home.models import User
    from reporting.models import Report

    stranger, officer = visitor(), visitor()
    status = stranger.post("/th/report/status/", {"receipt": receipt})
    officer.force_login(User.objects.get(username=OFFICER))
    report = Report.objects.of_receipt(receipt).get()
    address = f"/admin/reports/{report.reference}/"
    opened = officer.post(f"{address}read/", follow=True)
    return {
        "pages": {page: stranger.get(page).status_code for page in PAGES},
        "stages": len(re.findall('class="timeline-title"', status.content.decode())),
        "queue": officer.get("/admin/reports/").status_code,
        "report": officer.get(address).status_code,
        "is_readable": NARRATIVE in opened.content.decode(),
        "reports": Report.objects.count(),
    }


def visitor():
    from django.test import Client

    return Client(headers={"host": "127.0.0.1"}, raise_request_exception=True)


def captcha() -> str:
    return re.search(  # type: ignore[index,union-attr]
        r'name="captcha_0" value="(\w+)"|value="(\w+)"[^>]*name="captcha_0"',
        visitor().get("/th/report/").content.decode(),
    ).group(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
