"""The event index of a new installation, and the events of the reference data."""

from datetime import date
from pathlib import Path

from events.models import EventIndexPage, EventPage
from home.content import LANGUAGES, body_from, publish_pair, read_json
from home.models import District, HomePage, Province
from home.reference import DATA

CONTENT = Path(__file__).parent / "demo" / "events.json"
# The reference data names organisers in English; these are their names in Thai.
ORGANISERS_TH = {
    "DOPA": "กรมการปกครอง",
    "Mekong Institute": "สถาบันแม่โขง",
    "Thai PBS": "ไทยพีบีเอส",
}


def ensure_index(home: HomePage) -> EventIndexPage:
    return publish_pair(
        home,
        EventIndexPage,
        slug="events",
        words={
            "th": {
                "title": "กิจกรรม",
                "intro": "การเยือน การอบรม และการประชุมของโครงการ",
                "show_in_menus": True,
            },
            "en": {
                "title": "Events",
                "intro": "Visits, trainings and meetings of the project.",
                "show_in_menus": True,
            },
        },
    )


def load_demo(index: EventIndexPage) -> None:
    """The events of the reference data, in both languages."""
    districts = District.objects.in_bulk(field_name="code")
    provinces = {province.name_en: province.name_th for province in Province.objects.all()}
    facts = {event["id"]: event for event in read_json(DATA / "events.json")}
    for words in read_json(CONTENT):
        event = facts[words["id"]]
        publish_pair(
            index,
            EventPage,
            slug=words["slug"],
            words={
                language: {
                    "title": words[language]["title"],
                    "summary": words[language]["summary"],
                    "search_description": words[language]["summary"],
                    "place": words[language]["place"],
                    "date_note": words[language]["date_note"],
                    "organisers": ", ".join(
                        ORGANISERS_TH.get(name, name) if language == "th" else name
                        for name in event["organisers"]
                    ),
                    "province": _province(event["province_en"], language, provinces),
                    "body": body_from(words[language]["body"]),
                }
                for language in LANGUAGES
            },
            shared={
                "event_type": event["type"],
                "status": event["status"],
                "starts_on": _day(event["start"]),
                "ends_on": _day(event["end"]),
                "date_certainty": words["date_certainty"],
                "is_uncertain": words["is_uncertain"],
                "visit_group": event["group"],
                "participants_count": event["participants_count"],
                "programme": event["programme"],
                "source_id": event["id"],
            },
            related={"districts": [districts[code] for code in event["district_codes"]]},
        )


def _province(name_en: str | None, language: str, provinces: dict[str, str]) -> str:
    """The province in a language; Bangkok has no border district, so no row."""
    if not name_en:
        return ""
    return provinces.get(name_en, "กรุงเทพมหานคร") if language == "th" else name_en


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
