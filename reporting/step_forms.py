"""What the forms of all steps share."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from home.models import User
from reporting.models import Report

LINE = 300
TEXT = 4000
CHOOSE = ("", _("Choose"))


def text_field(label: Any, *, help_text: Any = "", rows: int = 5, **options: Any):
    return forms.CharField(
        label=label,
        error_messages={"required": _("Please fill this in.")},
        help_text=help_text,
        max_length=TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
        **options,
    )


def choice_field(label: Any, choices: Any, *, help_text: Any = ""):
    return forms.ChoiceField(
        label=label,
        choices=[CHOOSE, *choices],
        help_text=help_text,
        error_messages={"required": _("Please choose one.")},
    )


class StepForm(forms.Form):
    """A step that asks for nothing but a confirmation."""

    required_css_class = "required"

    def __init__(self, *args: Any, report: Report, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.report, self.user = report, user

    @property
    def details(self) -> dict[str, Any]:
        """What lifecycle.move() is given."""
        return self.cleaned_data
