# SPDX-License-Identifier: Apache-2.0
"""The forms about accounts."""

from django import forms

from service.office.fields import DayField, choice, text
from service.office.roles import CHOICES


class AccountForm(forms.Form):
    """A log-in for one person."""

    name = text("Name", 120)
    username = text("Name to sign in with", 60, help_text="Small letters, for example hana.head")


class GrantForm(forms.Form):
    """A role, for good or until a day."""

    role = choice("Role", CHOICES)
    until = DayField(label="Last day", required=False, help_text="For a deputy; empty for good")


class CodeForm(forms.Form):
    """Whether the second factor goes too."""

    remove_factors = forms.BooleanField(
        label="They have lost their phone or key as well",
        required=False,
        help_text="Takes the second factor away; it is set up anew after signing in",
    )


class PasswordPair(forms.Form):
    """A new password, twice."""

    password = forms.CharField(
        label="New password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Twelve characters or more; three or four random words are best",
    )
    again = forms.CharField(
        label="The same once more",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        """Compare both.

        Raises:
            ValidationError: they differ.
        """
        if self.cleaned_data["again"] != self.cleaned_data.get("password"):
            raise forms.ValidationError("The two passwords differ.")
        return str(self.cleaned_data["again"])


class UseCodeForm(PasswordPair):
    """A sign-in code and the password that somebody chooses with it."""

    username = text("Name to sign in with", 60)
    code = text("Sign-in code", 20, help_text="Twelve letters and digits, good for 30 minutes")
    field_order = ("username", "code")
