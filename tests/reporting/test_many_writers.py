"""SQLite, written by threads of several processes at once: all wait their turn, nothing is lost."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from reporting import history
from reporting.models import Report

PROCESSES, THREADS, EACH = 3, 4, 5
WRITER = """
import json, sys, threading
import django
django.setup()
from django.db import connection
from reporting import receipts
from reporting.intake import Arrival, receive

numbers, problems = [], []

def send():
    try:
        for _ in range({each}):
            arrival = Arrival(narrative="seen at the river")
            numbers.append(receive(arrival, token=receipts.new_token()).number)
    except Exception as error:
        problems.append(repr(error))
    finally:
        connection.close()

threads = [threading.Thread(target=send) for _ in range({threads})]
sys.stdin.readline()  # all processes begin together
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps([numbers, problems]))
"""


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_all_file_their_reports():
    environment = os.environ | {
        "DATABASE_URL": address(),
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "PYTHONPATH": f"{settings.BASE_DIR}:{settings.BASE_DIR / 'site'}",
        "REPORT_PUBLIC_KEYS": settings.REPORT_PUBLIC_KEYS,
    }
    code = WRITER.format(each=EACH, threads=THREADS)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for writer in writers:
        writer.stdin.write("\n")
        writer.stdin.flush()
    said = [json.loads(writer.communicate(timeout=120)[0]) for writer in writers]
    assert [problems for _numbers, problems in said] == [[]] * PROCESSES
    shown = {number for numbers, _problems in said for number in numbers}
    assert len(shown) == Report.objects.count() == PROCESSES * THREADS * EACH
    assert all(history.is_intact(report) for report in Report.objects.all())


def address() -> str:
    """The test's own database, for another process."""
    where = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{where['NAME']}"
    server = f"{where['USER']}:{where['PASSWORD']}@{where['HOST']}:{where['PORT']}"
    return f"postgres://{server}/{where['NAME']}"
