"""Lists that people take along: asked for, made by a worker, saved, thrown away; each is logged.

The file lies sealed in the vault for a day. Whether its reader may still see every report in it is
asked again each time it is saved.
"""

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from home import chain
from home.models import User
from reporting import evidence, export_files, export_rows, typesetting, vault
from reporting.models import Export, ExportEntry, ExportPiece
from reporting.permissions import is_hq, may_export, policy
from reporting.querysets import ReportQuerySet
from reporting.views import staff_words as words
from reporting.views.staff_filters import QueueFilters
from work import ledger

MAKE = "reporting.tasks.make_export"
# More is another kind of work than looking at a list, and more than one attempt of a worker bears.
MOST = {Export.Format.XLSX: 50_000, Export.Format.CSV: 50_000, Export.Format.PDF: 2_000}
UNDER_WAY = 3  # of one person at a time
ASKED_AGAIN = 1000  # reports whose visibility is asked in one query
Action, State = ExportEntry.Action, Export.State


class NotExported(Exception):
    """There is no list to be made; the message says why, for whoever asked."""


class NotReady(Exception):
    """There is no file: it is still being made, could not be made, or was withdrawn before."""


class Withdrawn(Exception):
    """There was a file, and the one who asked for it may not have it any more."""


class Expired(Withdrawn):
    """Its day is over."""


def filters_for(user: User, choices: dict[str, str]) -> QueueFilters:
    """The filters that these choices are, as far as they are on offer to the person today."""
    query = QueryDict(mutable=True)
    query.update(choices)
    return QueueFilters(query, sees_all_queues=is_hq(user))


def rows_of(filters: QueueFilters, user: User) -> ReportQuerySet:
    """The reports of the queue's list that the person may take along.

    What they hid in their own list is in it: hiding changes no figure.
    """
    return filters.apply(policy.exportable_by(user), user)


@transaction.atomic
def ask(user: User, choices: dict[str, str], form: str, *, language: str) -> Export:
    """Writes a list down for a worker to make. Raises NotExported."""
    filters = filters_for(user, choices)
    most = MOST[Export.Format(form)]
    total = rows_of(filters, user).order_by()[: most + 1].count()
    if not total:
        raise NotExported(_("There is no report in this list."))
    if total > most:
        raise NotExported(_too_many(most))
    under_way = Export.objects.filter(user=user, state__in=[State.WAITING, State.MAKING])
    if under_way.filter(expires_at__gt=timezone.now()).count() >= UNDER_WAY:
        raise NotExported(_("Other lists of yours are still being made. Please wait for them."))
    export = Export.objects.create(
        user=user, choices=filters.chosen, format=form, language=language, total=total
    )
    log(export, Action.ASK, by=user)
    ledger.add(MAKE, [export.pk])
    return export


def _too_many(most: int) -> str:
    sentence = ngettext(
        "In this format a list may have at most %(most)s report. Narrow it, or choose another "
        "format.",
        "In this format a list may have at most %(most)s reports. Narrow it, or choose another "
        "format.",
        most,
    )
    return sentence % {"most": f"{most:,}"}


# --- In a worker ----------------------------------------------------------------------------------


def make(export: Export) -> None:
    """Makes the file of a list, or says in its row why there is none.

    It may run twice: a second run begins anew, and of two at once the first to end is kept.
    """
    if not _begin(export):
        return
    user = export.user
    filters = filters_for(user, export.choices)
    # What is no longer on offer would otherwise count as not chosen, and the list be a wider one.
    if not may_export(user) or filters.chosen != export.choices:
        _end(export, State.WITHDRAWN, Action.WITHDRAW, only_if=State.MAKING)
        return
    contents: list[int] = []
    try:
        with translation.override(export.language):
            sheet = _sheet(export, filters, contents)
            pieces = [
                vault.put_export(piece) for piece in export_files.pieces(sheet, export.format)
            ]
    except (_TooMany, typesetting.SheetNotSet):
        _end(export, State.FAILED, Action.FAIL, only_if=State.MAKING)
        return
    _finish(export, pieces, contents)


class _TooMany(Exception):
    """Reports came in meanwhile."""


def _sheet(export: Export, filters: QueueFilters, contents: list[int]) -> export_files.Sheet:
    """The list with its mark, who takes it along and when; `contents` fills as it is written."""
    user = export.user
    columns = export_rows.columns(shows_queue=is_hq(user))
    reader = export_rows.Reader(timezone.now(), export.format == Export.Format.CSV)

    def rows() -> Iterator[list[export_rows.Cell]]:
        for report in export_rows.reports_of(rows_of(filters, user), filters.order):
            contents.append(report.pk)
            if len(contents) > MOST[Export.Format(export.format)]:
                raise _TooMany
            if len(contents) % export_rows.CHUNK == 0:
                Export.objects.filter(pk=export.pk).update(done=len(contents))
            yield [column.cell(report, reader) for column in columns]

    return export_files.Sheet(
        title=_("List of reports"),
        mark=_("Taken by %(person)s on %(moment)s. Confidential.")
        % {"person": words.person(user), "moment": reader.moment(export.asked_at)},
        made_at=reader.now,
        headings=[str(column.heading) for column in columns],
        widths=[column.width for column in columns],
        rows=rows(),
    )


def _begin(export: Export) -> bool:
    return bool(
        Export.objects.filter(
            pk=export.pk,
            state__in=[State.WAITING, State.MAKING],
            expires_at__gt=timezone.now(),
        ).update(state=State.MAKING, done=0)
    )


@transaction.atomic
def _finish(export: Export, pieces: list[ExportPiece], contents: list[int]) -> None:
    locked = _locked(export)
    if locked.state != State.MAKING:  # another worker was first; vault.clear_loose() tidies up
        return
    for number, piece in enumerate(pieces):
        piece.export, piece.number = locked, number
    ExportPiece.objects.bulk_create(pieces)
    locked.state, locked.contents = State.READY, contents
    locked.done = locked.total = len(contents)
    locked.save(update_fields=["state", "contents", "done", "total"])
    log(locked, Action.MAKE)


@transaction.atomic
def _end(export: Export, state: str, action: str, *, only_if: str = "") -> None:
    """Takes a list out of use, with its file; unless somebody has meanwhile, or made it."""
    locked = _locked(export)
    if locked.state == state or (only_if and locked.state != only_if):
        return
    pieces = ExportPiece.objects.filter(export=locked)
    vault.delete_after_commit(pieces.values_list("stored_as", flat=True))
    pieces.delete()
    locked.state, locked.contents = state, []
    locked.save(update_fields=["state", "contents"])
    log(locked, action)


def clear_expired() -> None:
    """Throws away what its day is over for."""
    over = Export.objects.filter(expires_at__lte=timezone.now()).exclude(state=State.EXPIRED)
    for export in over.defer("contents"):
        _end(export, State.EXPIRED, Action.EXPIRE)


# --- For the one who asked ------------------------------------------------------------------------


def open_file(export: Export, *, by: User) -> Iterator[bytes]:
    """The file of a list, opened piece by piece for the one who asked.

    Writes one log entry before anything is opened. Raises PermissionDenied when it is not theirs
    or they take no lists along any more, NotReady, Expired, and Withdrawn when a report in it is
    no longer theirs to take: then it is nobody's from now on. Raises sealing.SealingUnavailable
    when this process holds no key.
    """
    with transaction.atomic():
        locked = _locked(export)
        if locked.user_id != by.pk or not may_export(by):
            raise PermissionDenied
        if locked.is_over:
            raise Expired
        if not locked.is_ready:
            raise NotReady
        if _is_all_exportable(locked, by):
            log(locked, Action.DOWNLOAD, by=by)
            pieces = list(locked.pieces.order_by("number"))
            return evidence.begun(vault.get(piece) for piece in pieces)
        _end(locked, State.WITHDRAWN, Action.WITHDRAW)
    raise Withdrawn  # not before the commit, which it would undo


def _is_all_exportable(export: Export, user: User) -> bool:
    """Whether every report in the file is one that the person may take along today.

    Not when their role there ended, or a report has left their queue.
    """
    allowed = policy.exportable_by(user).order_by()
    for start in range(0, len(export.contents), ASKED_AGAIN):
        asked = export.contents[start : start + ASKED_AGAIN]
        if allowed.filter(pk__in=asked).count() < len(asked):
            return False
    return True


def _locked(export: Export) -> Export:
    return Export.objects.select_for_update(of=("self",)).get(pk=export.pk)


def log(export: Export, action: str, *, by: User | None = None) -> ExportEntry:
    """Adds an entry to the export's own log. The caller holds the lock on its row, or made it."""
    last = export.log.order_by("-number").first()
    entry = ExportEntry(
        export=export,
        number=last.number + 1 if last else 1,
        user=by,
        action=action,
        rows=export.total,
        previous=last.digest if last else chain.FIRST,
    )
    entry.digest = entry.computed_digest()
    entry.save()
    return entry


def is_log_intact(export: Export) -> bool:
    return not any(chain.breaks(export.log.select_related("export").order_by("number")))
