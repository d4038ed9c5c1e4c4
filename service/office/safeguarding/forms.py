# SPDX-License-Identifier: Apache-2.0
"""The forms of freezing, releasing and erasing."""

from django import forms

from agent.core.freezing import is_reference
from service.office.fields import text


class FreezeForm(forms.Form):
    """Nothing is asked; one thing may be ticked."""

    concerns_head = forms.BooleanField(
        label="The headteacher is concerned",
        required=False,
        help_text="Then only the chair of governors can release it, and the headteacher is not "
        "shown who froze it",
    )


class StopForm(FreezeForm):
    """The number of a picture, for whoever has left its page."""

    number = text(
        "Number of the picture",
        60,
        help_text="As its page shows it; the first six letters and digits are enough",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("number", "concerns_head")


class ReleaseForm(forms.Form):
    """The reference by which a frozen picture is released."""

    reference = text(
        "Reference of the police or the local authority",
        40,
        help_text="As it stands in their letter, for example WS-2026-004711: capitals and digits, "
        "also spaces, / . and -; 3 to 40 of them. No name and no sentence",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off"}),
    )

    def clean_reference(self) -> str:
        """Hold it to the form of a reference.

        Raises:
            ValidationError: it is not one.
        """
        reference = str(self.cleaned_data["reference"])
        if not is_reference(reference):
            raise forms.ValidationError(
                "Write the reference with capitals and digits, as in WS-2026-004711."
            )
        return reference
