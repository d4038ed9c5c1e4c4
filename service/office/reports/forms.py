# SPDX-License-Identifier: Apache-2.0
"""The forms of the reports."""

from django import forms

from agent.core.fingerprints import typed_digits
from service.office.reports import queries


class MakeForm(forms.Form):
    """Which term, in which size."""

    term = forms.ChoiceField(label="Term", choices=lambda: [(one, one) for one in queries.terms()])
    large_print = forms.BooleanField(label="Large print, 18 points", required=False)


class CheckForm(forms.Form):
    """The fingerprint on somebody's own paper."""

    digits = forms.CharField(
        label="Fingerprint on your own paper copy",
        help_text="Twelve groups of five digits. Type them from the paper, not from this computer.",
        max_length=120,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_digits(self) -> str:
        """Refuse what is no fingerprint."""
        try:
            return typed_digits(str(self.cleaned_data["digits"]))
        except ValueError as error:
            raise forms.ValidationError("Enter twelve groups of five digits") from error
