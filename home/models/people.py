from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac


class User(AbstractUser):
    """Somebody who signs in: staff, editors, coordinators. Never a reporter.

    What a person may do with reports follows from memberships (reporting.models.centre), not
    from this row: a superuser without a membership opens no report.
    """

    # Goes up by one when all sessions of the person are ended. The database fills it too, because
    # the release before this one adds people without it.
    session_round = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """A session ends when this changes: with the password, and with a new round."""
        of_password: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        if not self.session_round:
            return of_password
        return salted_hmac(
            "home.User.session_round",
            f"{of_password}:{self.session_round}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()
