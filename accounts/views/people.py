"""The screens on which HQ looks after accounts, and the one on which a chief invites."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from accounts import administration
from accounts.account_forms import ColleagueForm, DetailsForm, InviteForm, StepForm
from accounts.administration import STEPS, StepNotOpen
from accounts.permissions import accounts_managed_by, manages_accounts, may_act_on
from accounts.second_factor import FACTORS
from accounts.views.words import facts_of, holding_of, row_of
from home.confirming import ConfirmedMixin
from home.models import User
from reporting import standing
from reporting.models import Membership
from reporting.permissions import Offer, is_chief, membership_policy

PAGE = 50
MENU_LABEL = gettext_lazy("Accounts")


class AccountView(WagtailAdminTemplateMixin, View):
    """Answers 404 to whoever may not look, and for accounts that are not theirs to look after."""

    opens_for: Callable[[User], bool] = staticmethod(manages_accounts)
    header_icon = "user"
    person: User

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        user = request.user
        standing.remember(user)
        if not isinstance(user, User) or not self.opens_for(user):
            raise Http404
        self.user = user
        if "pk" in kwargs:
            self.person = get_object_or_404(accounts_managed_by(user), pk=kwargs["pk"])
        super().setup(request, *args, **kwargs)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(response)  # type: ignore[arg-type]
        return response

    def show(self, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(**context))

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        trail = [*self.breadcrumbs_items]
        if self.page_title != MENU_LABEL:
            trail.append({"url": reverse("accounts:index"), "label": MENU_LABEL})
        return [*trail, {"url": "", "label": self.get_page_title()}]

    def back_to_person(self) -> HttpResponse:
        return redirect("accounts:person", self.person.pk)


class ListView(AccountView):
    """People by name, with their roles of today and whether they have a second factor."""

    template_name = "accounts/people.html"
    page_title = MENU_LABEL

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        words = request.GET.get("q", "").strip()[:80]
        people = _with_details(_found(accounts_managed_by(self.user), words))
        page = Paginator(people.order_by("-is_active", "username"), PAGE).get_page(
            request.GET.get("p")
        )
        return self.show(words=words, page=page, rows=[row_of(person) for person in page])


class InviteView(ConfirmedMixin, AccountView):
    template_name = "accounts/form.html"
    page_title = gettext_lazy("Invite somebody")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(form=InviteForm(), button=_("Send the invitation"))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = InviteForm(request.POST)
        if not form.is_valid():
            return self.show(form=form, button=_("Send the invitation"))
        self.person = administration.invite(form.cleaned_data, by=self.user)
        messages.success(request, _("The invitation is on its way. Give the person a role now."))
        return self.back_to_person()


class InviteColleagueView(ConfirmedMixin, AccountView):
    """A chief's one screen here: somebody new, with a role in the chief's own centre."""

    opens_for = staticmethod(is_chief)
    template_name = "accounts/form.html"
    page_title = gettext_lazy("Invite somebody into your centre")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.ask(ColleagueForm(offer=self.offer))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = ColleagueForm(request.POST, offer=self.offer)
        if not form.is_valid():
            return self.ask(form)
        administration.invite_colleague(form.cleaned_data, by=self.user)
        messages.success(request, _("The invitation is on its way. The role holds from today."))
        return redirect("memberships:index")

    @property
    def offer(self) -> Offer:
        return membership_policy.offer_to_chief(self.user)

    def ask(self, form: ColleagueForm) -> HttpResponse:
        return self.show(
            form=form,
            question=_("The role begins today. It ends when you give it a last day."),
            button=_("Send the invitation"),
            back_url=reverse("memberships:index"),
        )

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        trail = {"url": reverse("memberships:index"), "label": _("Memberships")}
        return [*self.breadcrumbs_items, trail, {"url": "", "label": self.get_page_title()}]


class PersonView(AccountView):
    """One account: what is known, the roles, and the steps that are open."""

    template_name = "accounts/person.html"

    def get_page_title(self) -> str:
        return self.person.username

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = _with_details(User.objects.filter(pk=self.person.pk)).get()
        is_other = may_act_on(self.user, person)
        memberships = Membership.objects.filter(user=person).select_related("centre__district")
        return self.show(
            person=person,
            facts=facts_of(person),
            holdings=[holding_of(membership) for membership in memberships],
            steps=[
                {"label": step.label, "url": reverse("accounts:step", args=[person.pk, name.value])}
                for name, step in STEPS.items()
                if is_other and step.is_open(person)
            ],
            may_give_roles=is_other,
        )


class EditView(ConfirmedMixin, AccountView):
    template_name = "accounts/form.html"
    page_title = gettext_lazy("Name, mail address and language")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(form=DetailsForm(person=self.person), button=_("Save"))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = DetailsForm(request.POST, person=self.person)
        if not form.is_valid():
            return self.show(form=form, button=_("Save"))
        administration.edit(self.person, form.cleaned_data, by=self.user)
        messages.success(request, _("Saved."))
        return self.back_to_person()


class StepView(ConfirmedMixin, AccountView):
    """Asks before it acts: every step here shuts somebody out or lets somebody in."""

    template_name = "accounts/form.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if kwargs["step"] not in STEPS or not may_act_on(self.user, self.person):
            raise Http404
        self.name = kwargs["step"]
        self.step = STEPS[self.name]

    def get_page_title(self) -> str:
        return f"{self.step.label}: {self.person.username}"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.ask(StepForm(needs_reason=self.step.needs_reason))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = StepForm(request.POST, needs_reason=self.step.needs_reason)
        if not form.is_valid():
            return self.ask(form)
        reason = form.cleaned_data.get("reason", "")
        try:
            administration.take(self.name, self.person, by=self.user, reason=reason)
        except StepNotOpen:
            messages.warning(request, _("There was nothing to do any more."))
        else:
            messages.success(request, _("Done."))
        return self.back_to_person()

    def ask(self, form: StepForm) -> HttpResponse:
        return self.show(form=form, question=self.step.question, button=self.step.label)


def _found(people: QuerySet[User], words: str) -> QuerySet[User]:
    """People in whose name or address every word stands."""
    for word in words.split():
        people = people.filter(
            Q(username__icontains=word)
            | Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email__icontains=word)
        )
    return people


def _with_details(people: QuerySet[User]) -> QuerySet[User]:
    current = Membership.objects.current().select_related("centre__district")
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
    return people.annotate(has_factor=Exists(factors)).prefetch_related(
        Prefetch("memberships", current, to_attr="roles_today")
    )
