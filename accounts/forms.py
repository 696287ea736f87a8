"""The forms of signing in. allauth does the work; here are our words and our bounds."""

from collections.abc import Callable
from typing import Any

from allauth.account import forms as account_forms
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.ratelimit import clear, consume, respond_429
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as factor_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.core.cache import cache
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from home.models import User

# A code stays right for a period and the tolerance on both its sides (settings.MFA_TOTP_*).
CODE_LIFE = 120
NO_ANSWER = _("This is not the key that was set up, or it did not answer. Try again.")
PASSWORD_RULES = password_validators_help_text_html()

NEW_PASSWORD = {"password1": _("New password"), "password2": _("New password, once more")}
NAME_OF_KEY = {"name": _("What to call it")}


class PlainWords(forms.Form):
    """Labels and hints of ours in place of allauth's placeholders."""

    labels: dict[str, Any] = {}
    hints: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")
            field.widget.attrs.pop("placeholder", None)


class SignInForm(PlainWords, account_forms.LoginForm):
    """User name and password, by the names that the sign-in page has always used."""

    labels = {"password": _("Password")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        password = self.fields.pop("password")
        self.fields = {
            "username": forms.CharField(
                label=_("User name"),
                max_length=150,
                widget=forms.TextInput(
                    attrs={"autocomplete": "username", "autocapitalize": "none"}
                ),
            ),
            "password": password,
        }

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"].strip()
        self.cleaned_data["login"] = username  # allauth's name for it
        return username

    def user_credentials(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("username", "password")}


class PasswordAgainForm(PlainWords, account_forms.ReauthenticateForm):
    labels = {"password": _("Password")}


class ChangePasswordForm(PlainWords, account_forms.ChangePasswordForm):
    labels = {"oldpassword": _("Password until now"), **NEW_PASSWORD}
    hints = {"password1": PASSWORD_RULES}


class NewPasswordForm(PlainWords, account_forms.ResetPasswordKeyForm):
    labels = NEW_PASSWORD
    hints = {"password1": PASSWORD_RULES}


class ForgottenPasswordForm(PlainWords, account_forms.ResetPasswordForm):
    """Looks for the person by the one address that their account has today."""

    labels = {"email": _("Mail address of your account")}

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        self.users = list(User.objects.filter(email__iexact=email, is_active=True))
        return email


class Bounded(PlainWords):
    """A code that is guessed too often is not looked at, and none is taken twice."""

    labels = {"code": _("Code")}
    user: User

    def clean_code(self) -> str:
        key = str(self.user.pk)
        if not consume(context.request, action="second_factor", key=key):
            raise ImmediateHttpResponse(respond_429(context.request))
        code: str = super().clean_code()  # type: ignore[misc]
        mark = salted_hmac("accounts.code", f"{key}:{code}", algorithm="sha256").hexdigest()
        # allauth forgets a used code before the tolerance for slow clocks is over. While Redis is
        # away each process remembers for itself: whoever saw a code, and knows the password, could
        # use it once more in another one before it expires (home.shared_cache).
        if not cache.add(f"used-code-{mark}", 1, CODE_LIFE):
            raise get_adapter().validation_error("incorrect_code")
        clear(context.request, action="second_factor", key=key)
        return code


class SecondFactorForm(Bounded, factor_forms.AuthenticateForm):
    pass


class SecondFactorAgainForm(Bounded, factor_forms.ReauthenticateForm):
    pass


class ActivateAppForm(PlainWords, totp_forms.ActivateTOTPForm):
    labels = {"code": _("The six digits that the app shows now")}


class KeyForm(PlainWords):
    """allauth fails on an answer that no key would give; it is refused like any other."""

    def judged(self, clean: Callable[[], Any]) -> Any:
        try:
            return clean()
        except forms.ValidationError as refusal:
            if getattr(refusal, "code", "") != "incorrect_code":  # too many attempts, for one
                raise
            raise forms.ValidationError(NO_ANSWER) from refusal
        except (AttributeError, KeyError, TypeError, ValueError) as nonsense:
            raise forms.ValidationError(NO_ANSWER) from nonsense


class UseKeyForm(KeyForm, webauthn_forms.AuthenticateWebAuthnForm):
    def clean_credential(self) -> Any:
        return self.judged(super().clean_credential)


class UseKeyAgainForm(KeyForm, webauthn_forms.ReauthenticateWebAuthnForm):
    def clean_credential(self) -> Any:
        return self.judged(super().clean_credential)


class AddKeyForm(KeyForm, webauthn_forms.AddWebAuthnForm):
    labels = NAME_OF_KEY

    def clean(self) -> Any:
        return self.judged(super().clean)


class RenameKeyForm(PlainWords, webauthn_forms.EditWebAuthnForm):
    labels = NAME_OF_KEY
