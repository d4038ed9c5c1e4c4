# SPDX-License-Identifier: Apache-2.0
"""The forms of freezing, releasing and erasing."""

from typing import Any

from django import forms

from agent.core.freezing import is_reference
from service.office.fields import choice, text
from service.office.safeguarding.models import REASONS


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


class EraseForm(forms.Form):
    """Why a held picture is to go, as one of a few words."""

    reason = choice("Why", list(REASONS.items()))
    shown = forms.CharField(widget=forms.HiddenInput, max_length=64)


class CountForm(forms.Form):
    """How many pictures somebody means: typed, so that nobody erases many by one press."""

    count = forms.IntegerField(
        label="How many are they? Type the number",
        min_value=1,
        widget=forms.TextInput(
            attrs={"class": "govuk-input--width-4", "inputmode": "numeric", "autocomplete": "off"}
        ),
    )
    what = forms.CharField(widget=forms.HiddenInput)
    listed = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, number: int, listed: str, *, what: str, **given: Any) -> None:  # noqa: ANN401 - what a form takes
        super().__init__(auto_id=f"{what}_%s", **given)
        self._number = number
        self._listed = listed

    def clean(self) -> dict[str, Any]:
        """Compare count and listing with what stands on the page now.

        Raises:
            ValidationError: they differ.
        """
        said = super().clean() or {}
        if said.get("listed") != self._listed:
            raise forms.ValidationError("The list has changed since you looked. Look again.")
        if "count" in said and said["count"] != self._number:
            raise forms.ValidationError("That is not how many they are. Count them again.")
        return said
