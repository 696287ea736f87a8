"""What a report's page says of its files: what is known without opening them."""

from typing import NamedTuple

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from home.models import User
from reporting import evidence, originals
from reporting.models import Attachment, OriginalRequest, Report
from reporting.permissions import READ, policy
from reporting.views import staff_words as words


class Row(NamedTuple):
    """One file, and what this person may do with it now."""

    number: int
    name: str
    state: str
    may_open: bool
    may_ask: bool
    may_allow: bool
    may_open_original: bool
    asked: str


def rows(report: Report, user: User) -> list[Row]:
    """The files of a report in the order they came. Asks as often for two as for ten."""
    found = list(evidence.files_of(report))
    if not found:
        return []
    may_read = policy.user_has_permission_for_instance(user, READ, report)
    may_allow = originals.may_allow(report, user)
    asked = {
        request.attachment_id: request
        for request in originals.waiting_in(found).select_related("asked_by", "allowed_by")
    }
    return [_row(one, asked.get(one.pk), user, may_read, may_allow) for one in found]


def _row(
    attachment: Attachment,
    request: OriginalRequest | None,
    user: User,
    may_read: bool,
    may_allow: bool,
) -> Row:
    is_mine = request is not None and request.asked_by_id == user.pk
    is_allowed = request is not None and request.allowed_by_id is not None
    return Row(
        number=attachment.number,
        name=_name(attachment),
        state=_state(attachment),
        may_open=may_read and attachment.is_clean,
        may_ask=may_read
        and request is None
        and attachment.status in {Attachment.Status.CLEAN, Attachment.Status.REFUSED},
        may_allow=request is not None and not is_allowed and not is_mine and may_allow,
        may_open_original=may_read and is_mine and is_allowed,
        asked=_asked(request),
    )


def _name(attachment: Attachment) -> str:
    name = str(attachment.get_kind_display()) if attachment.kind else _("file")
    return f"{attachment.number}. {name}"


def _state(attachment: Attachment) -> str:
    if attachment.is_clean:
        return filesizeformat(attachment.clean_size)
    if attachment.refusal:
        return _("Could not be used: %(reason)s.") % {"reason": attachment.get_refusal_display()}
    return str(attachment.get_status_display())


def _asked(request: OriginalRequest | None) -> str:
    if request is None:
        return ""
    if request.allowed_by is None:
        return _("%(person)s asked to open it as it was sent. Somebody else must allow that.") % {
            "person": words.person(request.asked_by)
        }
    return _("%(person)s allowed %(asker)s to open it as it was sent, once, within an hour.") % {
        "person": words.person(request.allowed_by),
        "asker": words.person(request.asked_by),
    }
