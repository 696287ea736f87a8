"""Asks for the sketches of reports that came in before there were any, or under another key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from reporting import duplicates
from reporting.models import Report, Sketch

BATCH = 500


class Command(BaseCommand):
    help = "Has the worker make the sketches by which likely duplicates are found."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--again", action="store_true", help="also of those that have one: a key was replaced"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Open reports only: what is finished is no longer merged."""
        asked, last = 0, 0
        reports = Report.objects.open().order_by("pk")
        while batch := list(reports.filter(pk__gt=last)[:BATCH]):
            last = batch[-1].pk
            if options["again"]:
                Sketch.objects.filter(report__in=batch).delete()
            has_one = set(Sketch.objects.filter(report__in=batch).values_list("pk", flat=True))
            without = [report for report in batch if report.pk not in has_one]
            for report in without:
                duplicates.ask_for_sketch(report)
            asked += len(without)
        self.stdout.write(f"{asked} sketches asked for.")
