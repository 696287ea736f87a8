"""Intake: a report filed and durable, beside one bare row with commit on the same server."""

import http.client
import re
import sys
import time
import urllib.parse
import uuid
from concurrent.futures import ThreadPoolExecutor

from bench import peers
from bench.environment import SYNC, Bench
from bench.figures import Figure, ratio
from bench.load import SECURE

PROCESSES, THREADS = 4, 8
RECEIPT = re.compile(r'id="receipt">(<span>\d{4}</span>\s*){4}')


def measure(bench: Bench) -> list[Figure]:
    return [*_receive(bench), _post(bench), *_many_writers(bench)]


def _receive(bench: Bench) -> list[Figure]:
    database = bench.database("intake")
    found = bench.inside(database, "intake", str(bench.size(400, 60)))
    stock = peers.Stock(bench, "stock_intake")
    said = peers.found(stock.python(peers.STOCK_INTAKE.format(number=bench.size(200, 30))))
    if said[0] == "0":
        sys.exit("The stock form page kept none of the submissions.")
    return [
        ratio(
            "report filed and durable / bare insert with commit",
            found["ours_rate"],
            found["bare_rate"],
            least=0.25,
            how=f"{found['ours_rate']:,.0f}/s against {found['bare_rate']:,.0f}/s",
            peers=f"stock Wagtail form {float(said[1]):.3f}",
        ),
        ratio(
            "the same, slowest in a hundred (p99)",
            found["ours_p99"],
            found["bare_p99"],
            most=3,
            how=f"{found['ours_p99'] * 1e3:.1f} ms against {found['bare_p99'] * 1e3:.1f} ms",
        ),
    ]


def _post(bench: Bench) -> Figure:
    """The whole form: read, judged, captcha spent, filed, receipt shown."""
    database, number = bench.database("intake"), bench.size(400, 40)
    keys = bench.inside(database, "captchas", str(number))
    with bench.served(database) as port:

        def send(keys: list[str]) -> int:
            connection, receipts = http.client.HTTPConnection("127.0.0.1", port, timeout=60), 0
            for key in keys:
                form = {
                    "token": uuid.uuid4().hex + uuid.uuid4().hex,
                    "narrative": "เห็นรถตู้ทึบจอดริมโขงตอนตีสอง " * 10,
                    "district": "4301",
                    "captcha_0": key,
                    "captcha_1": "12345",
                }
                headers = SECURE | {"Content-Type": "application/x-www-form-urlencoded"}
                body = urllib.parse.urlencode(form)
                connection.request("POST", "/th/report/", body, headers)
                page = connection.getresponse().read().decode()
                receipts += bool(RECEIPT.search(page))
            connection.close()
            return receipts

        started = time.perf_counter()
        with ThreadPoolExecutor(4) as pool:
            shown = sum(pool.map(send, [keys[start::4] for start in range(4)]))
        took = time.perf_counter() - started
    if shown != number:
        sys.exit(f"{number} forms were sent and {shown} receipts shown.")
    return Figure("whole form by HTTP, receipts a second", number / took, how=SYNC)


def _many_writers(bench: Bench) -> list[Figure]:
    """SQLite, written by threads of several processes at once."""
    number = bench.size(20, 5)
    database = f"sqlite:///{bench.folder / 'writers.sqlite3'}"
    bench.fill(database)
    with ThreadPoolExecutor(PROCESSES) as pool:
        runs = [
            pool.submit(bench.inside, database, "write", str(THREADS), str(number))
            for _ in range(PROCESSES)
        ]
        found = [run.result() for run in runs]
    filed, errors = (sum(one[word] for one in found) for word in ("filed", "errors"))
    lost = PROCESSES * THREADS * number - filed
    name = f"SQLite, {PROCESSES} processes of {THREADS} threads: errors"
    return [Figure(name, errors + lost, most=0, how=f"{filed:,} reports filed")]
