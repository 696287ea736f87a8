"""Who looks after accounts, and after whose."""

from django.db.models import QuerySet

from home.models import User
from reporting.models import Membership


def manages_accounts(user: User) -> bool:
    """HQ, in its daily work, and superusers, who make the first account of HQ."""
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_superuser or Membership.objects.is_hq(user)


def accounts_managed_by(user: User) -> QuerySet[User]:
    """People whose account the person looks after; for HQ no superuser exists here."""
    if not manages_accounts(user):
        return User.objects.none()
    return User.objects.all() if user.is_superuser else User.objects.filter(is_superuser=False)


def may_act_on(user: User, person: User) -> bool:
    """Nobody closes, ends or resets their own account here: it takes a second person."""
    return user != person and accounts_managed_by(user).filter(pk=person.pk).exists()
