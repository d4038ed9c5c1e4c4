# SPDX-License-Identifier: Apache-2.0
"""The forms about the key: one passphrase, or a new one twice."""

from typing import Any

from django import forms


def passphrase(label: str, help_text: str = "", *, new: bool = False) -> forms.CharField:
    """Return a field for a passphrase; its value is never sent back, stripped or remembered."""
    kind = "new-password" if new else "off"
    return forms.CharField(
        label=label,
        help_text=help_text,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": kind, "spellcheck": "false"}),
    )


class UnlockForm(forms.Form):
    """The passphrase that opens the pictures."""

    passphrase = passphrase("Your passphrase", "Not the password of your log-in")


class FirstForm(forms.Form):
    """The passphrase of the office's key file."""

    passphrase = passphrase(
        "Passphrase of the office's key", "The one that was chosen when the school's keys were made"
    )


class NewForm(forms.Form):
    """A new passphrase, twice."""

    new = passphrase(
        "New passphrase", "Twelve characters or more; four or more random words are best", new=True
    )
    again = passphrase("The same once more", new=True)

    def clean(self) -> dict[str, Any]:
        """Compare both.

        Raises:
            ValidationError: they differ.
        """
        said = super().clean() or {}
        if said.get("again") and said["again"] != said.get("new"):
            self.add_error("again", "The two passphrases differ.")
        return said


class ChangeForm(NewForm):
    """The present passphrase and a new one; the present one may have been forgotten."""

    present = forms.CharField(
        label="Present passphrase",
        help_text="Leave it empty if you forgot it: then a colleague must give you access again",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("present", "new", "again")
