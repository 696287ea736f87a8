"""Likely duplicates as a report's page shows them: why, and never how much."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reporting.duplicates import Duplicate, likely_duplicates
from reporting.models import Report
from reporting.querysets import ReportQuerySet


@dataclass(frozen=True)
class Similar:
    """One likely duplicate in words."""

    reference: str
    url: str
    merge_url: str
    status: str
    reasons: list[str]


def similar(report: Report, *, visible: ReportQuerySet) -> list[Similar]:
    merge = reverse("reports:merge", args=[report.reference])
    return [
        Similar(
            reference=one.report.reference,
            url=reverse("reports:report", args=[one.report.reference]),
            merge_url=f"{merge}?into={one.report.reference}",
            status=one.report.get_status_display(),
            reasons=reasons(one),
        )
        for one in likely_duplicates(report, visible=visible)
    ]


def reasons(one: Duplicate) -> list[str]:
    """What the two have in common. No number tells how alike the words are."""
    found = []
    if one.is_same_subdistrict:
        found.append(_("same subdistrict"))
    elif one.is_same_district:
        found.append(_("same district"))
    if one.is_same_category:
        found.append(_("same category"))
    found.append(
        ngettext("%(count)s day apart", "%(count)s days apart", one.days_apart)
        % {"count": one.days_apart}
        if one.days_apart
        else _("within a day")
    )
    if one.has_same_words:
        found.append(_("almost the same words"))
    elif one.has_much_the_same_words:
        found.append(_("much the same words"))
    return found
