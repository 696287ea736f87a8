from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Somebody who signs in: staff, editors, coordinators. Never a reporter.

    What a person may do with reports follows from memberships (reporting.models.centre), not
    from this row: a superuser without a membership opens no report.
    """
