"""Makes reports in bulk, for benchmarks and rehearsals."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from operations.made_data import a_number, refuse_outside_made_data
from operations.made_reports import make_reports


class Command(BaseCommand):
    help = "Makes N reports that nobody sent; demo and bench settings only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", type=a_number, metavar="N")
        parser.add_argument("--seed", type=int, default=0, help="another seed spreads them anew")

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_outside_made_data()
        for made in make_reports(options["number"], seed=options["seed"]):
            self.stdout.write(f"  {made:,} reports")
