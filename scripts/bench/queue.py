"""The officer's queue and a report's page, over a thousand reports and over a million."""

from bench import peers
from bench.environment import Bench, fetch
from bench.figures import Figure, ratio
from bench.load import SECURE, Target, medians

SMALL = 1_000
# The demo's busiest centre: with a thousand reports its open ones still fill a page.
PEOPLE = ("officer-2706", "chief-2706", "hq")
INDEX = "/admin/reports/"
ROW = b'<tr class="report-row'
# Each filter by itself, the orders, and combinations that people use; see docs/officers.md.
LISTS = {
    "": "default order",
    "sort=newest": "newest first",
    "sort=oldest": "oldest first",
    "status=received": "waiting for a first look",
    "status=closed": "closed",
    "status=all": "all",
    "attention=urgent": "urgent",
    "attention=overdue": "overdue",
    "attention=unread": "unread",
    "assignee=me": "assigned to me",
    "assignee=nobody": "assigned to nobody",
    "age=today": "received today",
    "age=week": "received this week",
    "age=older": "received earlier",
    "category=1": "one category",
    "status=queued&assignee=me": "queued, mine",
    "status=closed&category=2&age=older": "closed, one category, earlier",
}
ONLY_HQ = {"queue=hq": "HQ's own", "queue=2706": "one district", "queue=districts": "districts"}


def measure(bench: Bench) -> list[Figure]:
    large_size = bench.size(1_000_000, 20_000)
    small, large = bench.database("queue_small"), bench.database("queue_large")
    bench.manage(small, "make_reports", str(SMALL))
    bench.manage(large, "make_reports", str(large_size))
    bench.inside(small, "fill", *PEOPLE)
    figures = [*_lists(bench, small, large, large_size), *_counts(bench, large)]
    return [*figures, _stock(bench, large_size)]


def _lists(bench: Bench, small: str, large: str, size: int) -> list[Figure]:
    figures = []
    sessions = {name: bench.inside(name, "sessions", *PEOPLE) for name in (small, large)}
    with bench.served(small) as few, bench.served(large) as many:
        ports = {small: few, large: many}

        def compared(person: str, words: str, paths: dict[str, str]) -> Figure:
            cookies = {name: _signed_in(sessions[name][person]) for name in ports}
            found = medians(
                {name: Target(ports[name], paths[name], cookies[name]) for name in ports}
            )

            def shown(name: str) -> int:
                """A page with more rows takes longer, however quickly they were chosen."""
                return fetch(ports[name], paths[name], cookies[name]).count(ROW)

            how = f"{found[large] * 1e3:.0f} ms against {found[small] * 1e3:.0f} ms"
            if paths[small] == paths[large]:
                how += f"; {shown(large)} rows and {shown(small)}"
            title = f"{person.partition('-')[0]}, {words}: {size:,} / {SMALL:,} reports"
            return ratio(title, found[large], found[small], most=1.15, how=how)

        for person in PEOPLE:
            lists = LISTS | (ONLY_HQ if person == "hq" else {})
            for query, words in lists.items():
                if person.startswith("chief") and query:
                    continue  # the same queue as the officer's
                figures.append(compared(person, words, dict.fromkeys(ports, f"{INDEX}?{query}")))
            pages = {name: f"{INDEX}{bench.inside(name, 'reference', person)}/" for name in ports}
            figures.append(compared(person, "a report's page", pages))
    return figures


def _signed_in(cookie: str) -> dict[str, str]:
    return SECURE | {"Cookie": cookie}


def _counts(bench: Bench, database: str) -> list[Figure]:
    sessions = bench.inside(database, "sessions", *PEOPLE)
    most: dict[str, int] = {}
    for person in PEOPLE:
        page = f"{INDEX}{bench.inside(database, 'reference', person)}/"
        found = bench.inside(
            database, "queries", sessions[person], *(f"{INDEX}?{query}" for query in LISTS), page
        )
        most["a report's page"] = max(most.get("a report's page", 0), found.pop(page))
        most["the queue"] = max(most.get("the queue", 0), *found.values())
    allowed = {"the queue": 12, "a report's page": 14}  # files, likely duplicates
    return [
        Figure(f"queries of {words}, at most", count, most=allowed[words])
        for words, count in most.items()
    ]


def _stock(bench: Bench, size: int) -> Figure:
    """The list of submissions of a stock form page, for comparison."""
    targets = {}
    stocks = {name: peers.Stock(bench, f"stock_{name}") for name in ("few", "many")}
    for name, number in (("few", SMALL), ("many", size)):
        stocks[name].python(peers.STOCK_SUBMISSIONS.format(number=number))
    with stocks["few"].served() as few, stocks["many"].served() as many:
        for name, port in (("few", few), ("many", many)):
            session, page = peers.found(stocks[name].python(peers.STOCK_SESSION))
            path = f"/admin/forms/submissions/{page}/"
            targets[name] = Target(port, path, {"Cookie": f"sessionid={session}"})
        found = medians(targets)
    how = f"{found['many'] * 1e3:.0f} ms against {found['few'] * 1e3:.0f} ms"
    name = f"stock Wagtail submissions: {size:,} / {SMALL:,}"
    return ratio(name, found["many"], found["few"], how=how)
