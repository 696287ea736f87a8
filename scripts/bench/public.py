"""Public pages: uncached, from the cache in Python, and behind the proxy."""

from contextlib import ExitStack
from urllib.parse import urlsplit

from bench import peers
from bench.environment import Bench, fetch
from bench.figures import Figure, ratio
from bench.load import SECURE, UNCACHED, Target, medians, rates
from proxy import nginx


def measure(bench: Bench) -> list[Figure]:
    few, many = bench.pages(2 * 100), bench.pages(2 * bench.size(10_000, 500))
    return [*_speed(bench, few), *_queries(bench, few, many), *_growth(bench, few, many)]


def _speed(bench: Bench, database: str) -> list[Figure]:
    with ExitStack() as stack:
        ours = stack.enter_context(bench.served(database))
        bare = stack.enter_context(peers.bare())
        static = stack.enter_context(peers.nginx_static(bench.folder))
        stock = stack.enter_context(peers.Stock(bench, "stock_page").served())
        found = rates(
            {
                "bare": Target(bare, "/page"),
                "uncached": Target(ours, "/th/", UNCACHED),
                "cached": Target(ours, "/th/", SECURE),
                "middleware": Target(bare, "/cached"),
                "static": Target(static, "/page.html"),
                "stock": Target(stock, "/"),
            },
            seconds=bench.size(4, 1),
        )
        proxy = _behind_proxy(stack, ours, bench)
    peer = f"stock Wagtail's first page {found['stock'] / found['bare']:.2f}"
    cache = f"Django's page cache {found['middleware'] / found['bare']:.2f}"
    rate = "{:,.0f}/s against {:,.0f}/s".format
    return [
        ratio(
            "public page, uncached / bare Django page",
            found["uncached"],
            found["bare"],
            least=0.10,
            how=rate(found["uncached"], found["bare"]),
            peers=peer,
        ),
        ratio(
            "public page, from the cache in Python / bare",
            found["cached"],
            found["bare"],
            least=0.85,
            how=rate(found["cached"], found["bare"]),
            peers=cache,
        ),
        proxy,
        Figure("nginx, static file of 20 kB, a second", found["static"]),
    ]


def _behind_proxy(stack: ExitStack, port: int, bench: Bench) -> Figure:
    ours = f"127.0.0.1:{port}"
    static = bench.folder / "static"  # where collectstatic put what the proxy gives itself
    # A file of about the page's size: the proxy sends both from its own disk.
    size = len(fetch(port, "/th/", SECURE))
    (static / "page.css").write_text("x" * size)
    address = stack.enter_context(
        nginx(public=[ours], staff=[ours], static=static, is_measured=True)
    )
    behind = urlsplit(address).port or 0
    # By the site's own name: a page that tells another address is kept for nobody.
    kept = {"Accept-Encoding": "identity", "Host": "127.0.0.1"}
    fetch(behind, "/th/", kept)
    found = rates(
        {"page": Target(behind, "/th/", kept), "static": Target(behind, "/static/page.css", kept)},
        seconds=bench.size(4, 1),
    )
    return ratio(
        "public page behind the proxy / its static file",
        found["page"],
        found["static"],
        least=0.9,
        how=f"{found['page']:,.0f}/s against {found['static']:,.0f}/s",
    )


def _queries(bench: Bench, few: str, many: str) -> list[Figure]:
    article = "/th/articles/bueng-kan-follow-up-visit/"
    paths = ["/th/", "/th/articles/", "/th/events/", article]
    counts = {name: bench.inside(name, "queries", "", *paths) for name in (few, many)}
    most = max(counts[many].values())
    grown = [path for path in paths if counts[few][path] != counts[many][path]]
    each = ", ".join(f"{path} {count}" for path, count in counts[many].items())
    return [
        Figure("queries of a public page, at most", most, most=8, how=each),
        Figure("page types whose queries grow with the pages", len(grown), most=0),
    ]


def _growth(bench: Bench, few: str, many: str) -> list[Figure]:
    with bench.served(few) as small, bench.served(many) as large:
        found = medians(
            {
                "few": Target(small, "/th/articles/", UNCACHED),
                "many": Target(large, "/th/articles/", UNCACHED),
            }
        )
    how = f"{found['many'] * 1e3:.1f} ms against {found['few'] * 1e3:.1f} ms"
    name = f"index page, {bench.size(10_000, 500):,} pages / 100"
    return [ratio(name, found["many"], found["few"], most=1.15, how=how)]
