"""What may be told about something seen. Nothing here is a person's name, number or address."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.languages import FALLBACK, speaks_whole_site
from home.models import District, Province, Subdistrict
from reporting import captcha, intake, receipts
from reporting.captcha import Captcha, Verdict
from reporting.intake import NARRATIVE_LIMIT, Arrival
from reporting.models import Category, When
from reporting.offered import offered

# Longer than any token of ours; what is longer was not made here.
TOKEN_LIMIT = 200

NO_LONGER_OFFERED = gettext_lazy("That choice is no longer offered. Please choose again.")


class Problem(NamedTuple):
    """One thing to mend, and the element of the page where it is mended."""

    anchor: str
    message: str


class Group(NamedTuple):
    """Choices under one heading; `code` names the district that holds its subdistricts."""

    name: str
    choices: list[tuple[str, str]]
    code: str = ""
    language: str = ""  # of the names, where the page speaks another


class Questions(forms.Form):
    """What is asked about something that somebody saw. Each may be skipped, but not all of them.

    Give `data` for what was sent. Give `kept` instead for what was typed when it shall be shown
    again unjudged.
    """

    category = forms.ChoiceField(
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": NO_LONGER_OFFERED},
    )
    district = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": NO_LONGER_OFFERED}
    )
    subdistrict = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": NO_LONGER_OFFERED}
    )
    when = forms.ChoiceField(
        required=False,
        choices=When,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": NO_LONGER_OFFERED},
    )
    # No maxlength: browsers cut pasted text without a word. Spelling is checked elsewhere by some
    # browsers, on other people's servers.
    narrative = forms.CharField(
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )
    danger_now = forms.BooleanField(required=False)
    concerns_official = forms.BooleanField(required=False)

    def __init__(
        self, data: Mapping[str, str] | None = None, *, kept: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(data, initial=dict(kept or {}))
        self.offered = offered()
        self._offer("category", self.offered.categories)
        self._offer("district", self.offered.districts)
        self._offer("subdistrict", self.offered.subdistricts)

    # --- What is offered ------------------------------------------------------------------------

    @property
    def districts_by_province(self) -> Iterator[Group]:
        """Not worked out before they are asked for: a page may have its options ready."""
        groups: dict[Province, list[tuple[str, str]]] = {}
        for code, district in self.offered.districts.items():
            groups.setdefault(district.province, []).append((code, district.name))
        yield from (
            Group(province.name, choices, language=_language_of_names())
            for province, choices in groups.items()
        )

    @property
    def subdistricts_by_district(self) -> Iterator[Group]:
        groups: dict[str, list[tuple[str, str]]] = {code: [] for code in self.offered.districts}
        for code, subdistrict in self.offered.subdistricts.items():
            groups[subdistrict.district.code].append((code, subdistrict.name))
        for code, choices in groups.items():
            if choices:
                name = _full_name(self.offered.districts[code])
                yield Group(name, choices, code, _language_of_names())

    def _offer(self, name: str, rows: Mapping[str, Category | District | Subdistrict]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = lambda: [(code, row.name) for code, row in rows.items()]

    # --- What was typed -------------------------------------------------------------------------

    def clean_narrative(self) -> str:
        text = self.cleaned_data["narrative"].replace("\r\n", "\n")
        check_length(text)
        return text

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        district = self.offered.districts.get(data.get("district", ""))
        subdistrict = self.offered.subdistricts.get(data.get("subdistrict", ""))
        if district and subdistrict and subdistrict.district != district:
            self.add_error("subdistrict", _mismatch(subdistrict, district))
        if not ({"category", "narrative"} & self.errors.keys()) and not (
            data.get("category") or data.get("narrative", "").strip()
        ):
            self.add_error("category", _("Choose what it is about, or write what you saw."))
        return data

    def arrival(self, *, language: str) -> Arrival:
        """What was told, as the one door takes it. A subdistrict alone tells its district."""
        data = self.cleaned_data
        subdistrict = self.offered.subdistricts.get(data["subdistrict"])
        return Arrival(
            category=self.offered.categories.get(data["category"]),
            district=self.offered.districts.get(data["district"])
            or (subdistrict.district if subdistrict else None),
            subdistrict=subdistrict,
            when=data["when"] or When.UNKNOWN,
            narrative=data["narrative"],
            is_urgent=data["danger_now"],
            concerns_official=data["concerns_official"],
            language=language,
        )

    @property
    def problems(self) -> list[Problem]:
        """Everything to be mended, in the order of the page."""
        return [
            Problem(_anchor(self, name), str(message))
            for name in [*self.fields, NON_FIELD_ERRORS]
            for message in self.errors.get(name, [])
        ]


class ReportForm(Questions):
    """The public form: the questions, a one-time token, and what tells people from machines.

    `challenge` is the kind of captcha that the reporter asked for. Without `asks_captcha` it asks
    none, unless something was typed where people see no field.
    """

    # Out of sight, and said to be left empty. Programs fill it in; so may the password manager of a
    # person, which is why it costs them the captcha and never the report.
    website = forms.CharField(
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    captcha_0 = forms.CharField(required=False)
    captcha_1 = forms.CharField(required=False)

    def __init__(
        self,
        data: Mapping[str, str] | None = None,
        *,
        kept: Mapping[str, str] | None = None,
        challenge: str = captcha.PICTURE,
        asks_captcha: bool = True,
    ) -> None:
        super().__init__(data, kept=kept)
        sent = data or kept or {}
        self.asks_captcha = asks_captcha or bool(sent.get("website", "").strip())
        self.ticket = sent.get("ticket", "")[:TOKEN_LIMIT]
        self.sent_token = usable_token((data or {}).get("token", ""))
        # A page that is shown again gets a token of its own: one that somebody else had put into
        # the form would let them see the receipt.
        self.token = receipts.new_token()
        self.captcha = self._challenge(challenge) if data is None else None

    def _challenge(self, kind: str) -> Captcha:
        return captcha.new(kind) if self.asks_captcha else captcha.new_pass()

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self._check_captcha(data.get("captcha_0", ""), data.get("captcha_1", ""))
        return data

    def _check_captcha(self, key: str, answer: str) -> None:
        """Judges the answer and decides what the form shows next, should it be shown again."""
        if not self.asks_captcha:
            self.captcha = captcha.new_pass()
            if not captcha.can_be_spent(key):
                self.cleaned_data["captcha_0"] = self.captcha.key
            return
        verdict = captcha.check(key, answer)
        if verdict is Verdict.EXPIRED and self._is_repeat():
            verdict = Verdict.RIGHT  # sent twice at once: the first has spent it
        if verdict is Verdict.RIGHT:
            self.captcha = Captcha(key, answer=answer)
        else:
            self._ask_again(verdict)

    def refuse_captcha(self) -> None:
        """Asks again, because the challenge is too old or was used before."""
        self._ask_again(Verdict.EXPIRED)

    def _ask_again(self, verdict: Verdict) -> None:
        self.captcha = captcha.after(verdict, self.cleaned_data.get("captcha_0", ""))
        self.add_error("captcha_1", str(captcha.WORDS[verdict]))

    def spend_captcha(self) -> bool:
        """Whether the report may be filed with this answer; call it in the transaction that files.

        Of two sends at once the second waits here for the first, and then finds its report.
        """
        data = self.cleaned_data
        key, answer = data["captcha_0"], data["captcha_1"]
        return captcha.spend(key, answer, token=self.sent_token) or self._is_repeat()

    def keep_for_retry(self) -> None:
        """Shows the form as it was sent: should it have been filed all the same, it is once."""
        self.token = self.sent_token
        if self.captcha and self.captcha.is_pass:
            self.captcha = Captcha(self.cleaned_data["captcha_0"])

    def _is_repeat(self) -> bool:
        key = self.cleaned_data.get("captcha_0", "")
        return captcha.was_just_spent(key, self.sent_token) and intake.has_arrived(self.sent_token)


def check_length(text: str) -> None:
    """Raises ValidationError for more than one report holds, saying how much it is."""
    if len(text) > NARRATIVE_LIMIT:
        raise ValidationError(
            _(
                "What you wrote is %(length)s characters long, and one report holds %(limit)s. "
                "Please shorten it, or send the rest as a second report."
            )
            % {"length": f"{len(text):,}", "limit": f"{NARRATIVE_LIMIT:,}"}
        )


def usable_token(sent: str) -> str:
    """The token of the page that was sent. One that cannot be ours costs nobody their report."""
    is_usable = receipts.TOKEN_LENGTH <= len(sent) <= TOKEN_LIMIT
    return sent if is_usable else receipts.new_token()


def _anchor(form: forms.Form, name: str) -> str:
    if name == NON_FIELD_ERRORS:
        return "report-form"
    is_group = isinstance(form.fields[name].widget, forms.RadioSelect)
    return f"id_{name}_0" if is_group else f"id_{name}"


def _full_name(district: District) -> str:
    return _("%(district)s, %(province)s") % {
        "district": district.name,
        "province": district.province.name,
    }


def _language_of_names() -> str:
    return "" if speaks_whole_site() else FALLBACK


def _mismatch(subdistrict: Subdistrict, district: District) -> str:
    return _(
        "%(subdistrict)s is in the district %(its_district)s, but you chose %(district)s above. "
        "Please change one of the two."
    ) % {
        "subdistrict": subdistrict.name,
        "its_district": subdistrict.district.name,
        "district": district.name,
    }
