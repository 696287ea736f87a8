"""Loads places, categories, centres, groups and schedules; again and again without harm."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from config.schedules import ensure_schedules
from config.site_tree import ensure_groups, ensure_site
from home.reference import load_places
from reporting.reference import load_agencies, load_categories, load_centres


class Command(BaseCommand):
    help = "Loads reference data; keeps what staff edited."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        for words, load in (
            ("places", load_places),
            ("categories", load_categories),
            ("partner agencies", load_agencies),
            ("coordination centres", load_centres),
            ("languages and the site", ensure_site),
            ("groups", ensure_groups),
            ("schedules", ensure_schedules),
        ):
            load()
            self.stdout.write(f"  {words}")
