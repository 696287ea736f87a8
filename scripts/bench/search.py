"""Search: the same question over a hundred texts and over ten thousand.

Each page of results is as full over the few as over the many: ten cards cost what they cost.
"""

from urllib.parse import quote

from bench.environment import Bench
from bench.figures import Figure, ratio
from bench.load import UNCACHED, Target, medians

QUESTIONS = {
    "a phrase that one text in ten holds": "ดอกจำปาหลวงพระบาง",
    "a word that most hold": "ชายแดน",
    "nothing holds it": "ไม่มีคำนี้ที่ใดเลย",
}


def measure(bench: Bench) -> list[Figure]:
    many = bench.size(10_000, 500)
    figures = []
    with bench.served(bench.pages(200)) as small, bench.served(bench.pages(2 * many)) as large:
        for words, question in QUESTIONS.items():
            path = f"/th/search/?q={quote(question)}"
            found = medians(
                {"few": Target(small, path, UNCACHED), "many": Target(large, path, UNCACHED)}
            )
            how = f"{found['many'] * 1e3:.0f} ms against {found['few'] * 1e3:.0f} ms"
            name = f"search, {words}: {many:,} / 100 texts"
            figures.append(ratio(name, found["many"], found["few"], most=1.5, how=how))
    return figures
