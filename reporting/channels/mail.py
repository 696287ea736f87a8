"""Mail, through the server of EMAIL_URL."""

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import gettext as _

from reporting.channels import Result


def send(
    address: str, sentence: str, url: str, *, connection: BaseEmailBackend | None = None
) -> Result:
    """Sends one mail; RETRY whenever the server did not take it, for whatever reason."""
    message = EmailMessage(
        subject=_("NTS-Mekong Watch: something new"),
        body=f"{sentence}\n{url}\n\n"
        + _("For the safety of those who report, this mail says nothing more."),
        to=[address],
        connection=connection,
    )
    try:
        message.send()
    except OSError:  # SMTPException is one; it may quote the address
        return Result.RETRY
    return Result.OK
