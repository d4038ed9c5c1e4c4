# SPDX-License-Identifier: Apache-2.0
"""The forms of the first run."""

from django import forms

from service.office.accounts.forms import PasswordPair
from service.office.fields import choice, text


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


class PassphraseForm(forms.Form):
    """The passphrase once more, after the console was stopped in between."""

    passphrase = forms.CharField(
        label="Passphrase",
        help_text="The one that you chose when the keys were made",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class FolderForm(forms.Form):
    """One more import folder."""

    path = text("Folder", 400, help_text="The whole path on this computer, such as D:\\Photos")
    originals = choice(
        "What becomes of a picture there, once it is safely stored?",
        [("delete", "It is deleted there"), ("keep", "It stays there")],
        initial="delete",
    )
    device = text(
        "Only for the device",
        100,
        required=False,
        help_text="Where the card of one camera is always read here: the name of the import "
        "folder that stands with this camera on the page Devices",
    )


class RemoveFolderForm(forms.Form):
    """Which folder is watched no more; it stands in the address of no page."""

    path = forms.CharField(widget=forms.HiddenInput)


class TestPictureForm(forms.Form):
    """Into which folder the test picture is put."""

    folder = forms.TypedChoiceField(
        label="Into which folder?", coerce=int, widget=forms.RadioSelect
    )

    def __init__(self, *given: object, folders: list[str], **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]  # passed through
        listed = [(number, path) for number, path in enumerate(folders)]
        self.fields["folder"].choices = listed  # type: ignore[attr-defined]  # a choice field
        self.fields["folder"].initial = 0
