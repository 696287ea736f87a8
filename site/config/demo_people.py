"""The sign-ins of the demo (docs/design.md, section 7)."""

from django.conf import settings
from django.contrib.auth.models import Group

from config.site_tree import EDITORS, STAFF, TRANSLATORS
from home.models import User
from reporting.models import CoordinationCentre, Membership, Role

DEMO_DISTRICTS = ("4301", "3801", "5703", "2706", "3206")
OFFICE = {  # user name: role at the project office
    "hq": Role.HQ,
    # A second moderator, so that a serious report of HQ's queue can be countersigned.
    "hq-deputy": Role.HQ,
    "analyst": Role.ANALYST,
    "auditor": Role.AUDITOR,
}
CENTRE_ROLES = {
    "chief": Role.CHIEF,
    "officer": Role.OFFICER,
    "coordinator": Role.COORDINATOR,
}


def load_people() -> None:
    _person("admin", is_superuser=True)
    _person("editor", EDITORS)
    _person("translator", TRANSLATORS)
    for name, role in OFFICE.items():
        Membership.objects.get_or_create(user=_person(name, STAFF), role=role, centre=None)
    for code in DEMO_DISTRICTS:
        centre = CoordinationCentre.objects.get(district__code=code)
        for word, role in CENTRE_ROLES.items():
            person = _person(f"{word}-{code}", STAFF)
            Membership.objects.get_or_create(user=person, role=role, centre=centre)


def _person(username: str, group: str | None = None, *, is_superuser: bool = False) -> User:
    person, is_new = User.objects.get_or_create(
        username=username, defaults={"is_superuser": is_superuser, "is_staff": is_superuser}
    )
    if is_new:
        person.set_password(settings.DEMO_PASSWORD)
        person.save()
    if group:
        person.groups.add(Group.objects.get(name=group))
    return person
