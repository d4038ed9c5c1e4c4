# SPDX-License-Identifier: Apache-2.0
"""Form fields that several parts use: days written day first, lists one a line."""

from typing import Any, Final

from django import forms

DAY_FORMS: Final = ["%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y", "%Y-%m-%d"]


class DayField(forms.DateField):
    """A day as it is written here: 4/9/2026, 4 September 2026; never month first."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - what a field takes
        given.setdefault("help_text", "For example 4/9/2026")
        super().__init__(
            input_formats=DAY_FORMS,
            widget=forms.DateInput(
                format="%d/%m/%Y", attrs={"class": "govuk-input--width-10", "autocomplete": "off"}
            ),
            error_messages={"invalid": "Write the day like 4/9/2026."},
            **given,
        )


class LinesField(forms.CharField):
    """Several texts, one a line."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - what a field takes
        given.setdefault("help_text", "One a line")
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": 3}), **given)


def text(label: str, longest: int, **given: Any) -> forms.CharField:  # noqa: ANN401 - the same
    """Return a field of one line."""
    return forms.CharField(label=label, max_length=longest, **given)


def choice(label: str, words: list[tuple[str, str]], **given: Any) -> forms.ChoiceField:  # noqa: ANN401 - the same
    """Return a field of radio buttons."""
    return forms.ChoiceField(label=label, choices=words, widget=forms.RadioSelect, **given)
