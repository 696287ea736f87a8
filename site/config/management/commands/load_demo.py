"""Loads the demo: content in both languages, people who can sign in, reports in every state."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

import articles.starter
import events.starter
import reporting.demo
from articles.models import ArticleIndexPage
from config.demo_people import load_people
from events.models import EventIndexPage


class Command(BaseCommand):
    help = "Loads demo content, people and reports; again and again without harm."

    def handle(self, *args: Any, **options: Any) -> None:
        if not getattr(settings, "DEMO", False):
            raise CommandError("The demo's sign-ins are known to everybody: demo settings only.")
        call_command("load_reference_data", stdout=self.stdout)
        thai = {"locale__language_code": "th"}
        for words, load in (
            ("articles", lambda: articles.starter.load_demo(ArticleIndexPage.objects.get(**thai))),
            ("events", lambda: events.starter.load_demo(EventIndexPage.objects.get(**thai))),
            ("people", load_people),
            ("reports", reporting.demo.load_reports),
        ):
            load()
            self.stdout.write(f"  {words}")
