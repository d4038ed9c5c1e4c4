# SPDX-License-Identifier: Apache-2.0
"""The forms of the first run."""

from django import forms

from service.office.accounts.forms import PasswordPair
from service.office.fields import text


class CodeForm(forms.Form):
    """The code that the program printed."""

    code = text("Set-up code", 20, help_text="Where the console was started, it printed the code")


class HeadForm(PasswordPair):
    """The headteacher's account."""

    name = text("Name of the headteacher", 120)
    username = text("Name to sign in with", 60, help_text="For example hana.head")
    field_order = ("name", "username")


class KeysForm(forms.Form):
    """The school's name and the passphrase of its key."""

    school = text("The school's name, as on its letters", 200)
    passphrase = forms.CharField(
        label="Passphrase",
        help_text="Four or more random words. It opens the pictures; it is not your password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
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
        if self.cleaned_data["again"] != self.cleaned_data.get("passphrase"):
            raise forms.ValidationError("The two passphrases differ.")
        return str(self.cleaned_data["again"])


class RecoveryForm(forms.Form):
    """The end of the recovery key, typed back from the print."""

    ending = text("The last eight letters on your print", 8)
