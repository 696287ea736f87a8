"""Opening files: the clean copy by anybody who may read the report, the original by two people."""

from collections.abc import Callable, Iterator
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages

from home.confirming import ConfirmedMixin
from reporting import evidence, originals
from reporting.models import Attachment
from reporting.sealing import SealingUnavailable
from reporting.views.staff_report import CONFLICT, FORBIDDEN, UNAVAILABLE, ReportPageMixin

# How a clean copy is handed out. A picture is shown in the browser; all else is saved.
FORMS = {
    Attachment.Kind.PHOTO: ("image/jpeg", "jpg", "inline"),
    Attachment.Kind.VIDEO: ("video/mp4", "mp4", "attachment"),
    Attachment.Kind.AUDIO: ("audio/mp4", "m4a", "attachment"),
    Attachment.Kind.PDF: ("application/pdf", "pdf", "attachment"),
}
AS_SENT = ("application/octet-stream", "original", "attachment")
# Whatever the file turns out to be, it may do nothing in the browser but be looked at.
POLICY = {
    "default-src": [NONE],
    "img-src": [SELF],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
    "sandbox": True,
}


class FileView(ReportPageMixin, View):
    """Opens the clean copy of a file, for this one answer."""

    attachments = Attachment.objects.filter(status=Attachment.Status.CLEAN)
    open: Callable[..., Iterator[bytes]] = staticmethod(evidence.open_file)

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        self.find(kwargs["number"])
        return redirect(self.report_url)

    def post(self, request, *args: Any, **kwargs: Any) -> Any:
        attachment = self.find(kwargs["number"])
        return self.attempt(lambda: self.handed_out(attachment))

    def find(self, number: int) -> Attachment:
        return get_object_or_404(self.attachments.filter(report=self.report), number=number)

    def attempt(self, act: Callable[[], Any]) -> Any:
        """The answer; or the report's page with the reason why there is none."""
        try:
            return act()
        except PermissionDenied:
            return self.refuse(_("Your role does not allow opening it."), status=FORBIDDEN)
        except originals.NotAllowed as problem:
            return self.refuse(str(problem), status=CONFLICT)
        except (SealingUnavailable, FileNotFoundError):
            return self.refuse(_("The file cannot be opened at the moment."), status=UNAVAILABLE)

    def handed_out(self, attachment: Attachment) -> StreamingHttpResponse:
        kind, ending, disposition = self.form_of(attachment)
        name = f"{self.report.reference}-{attachment.number}.{ending}"
        response = StreamingHttpResponse(
            self.open(attachment, by=self.request.user),
            content_type=kind,
            headers={
                "Content-Disposition": f'{disposition}; filename="{name}"',
                "X-Content-Type-Options": "nosniff",
                # It is packed already; the middleware would do so again.
                "Content-Encoding": "identity",
            },
        )
        response._csp_replace = POLICY  # type: ignore[attr-defined]  # as csp's decorators do
        return response

    def form_of(self, attachment: Attachment) -> tuple[str, str, str]:
        return FORMS[Attachment.Kind(attachment.kind)]


class ConfirmedOnReportMixin(ConfirmedMixin):
    """Comes back to the report's page: the button is pressed there once more."""

    report_url: str

    def comes_back_to(self) -> str:
        return self.report_url


class OpenOriginalView(ConfirmedOnReportMixin, FileView):
    """Hands a file out as it was sent, once, to the one who was allowed to see it."""

    attachments = Attachment.objects.all()
    open = staticmethod(originals.open_original)

    def form_of(self, attachment: Attachment) -> tuple[str, str, str]:
        return AS_SENT


class AskOriginalView(FileView):
    """Asks to see a file as it was sent."""

    attachments = Attachment.objects.all()
    act = staticmethod(originals.ask)
    done: str | Promise = gettext_lazy(
        "You asked for the file as it was sent. A chief or secretary other than you, or the "
        "project office, must allow it."
    )

    def post(self, request, *args: Any, **kwargs: Any) -> Any:
        attachment = self.find(kwargs["number"])
        return self.attempt(lambda: self.acted(attachment))

    def acted(self, attachment: Attachment) -> HttpResponse:
        self.act(attachment, by=self.request.user)
        messages.success(self.request, self.done)
        return redirect(self.report_url)


class AllowOriginalView(ConfirmedOnReportMixin, AskOriginalView):
    """Allows a colleague to see a file as it was sent."""

    act = staticmethod(originals.allow)
    done = gettext_lazy("Allowed. Your colleague can open the file once, within an hour.")


ORIGINAL_VIEWS = {"ask": AskOriginalView, "allow": AllowOriginalView, "open": OpenOriginalView}
