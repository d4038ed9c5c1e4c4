# SPDX-License-Identifier: Apache-2.0
"""The forms of an import: the file and its day, what each column means."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms

from agent.core.mis.headings import Field, is_sensitive, suggestions
from agent.core.mis.layout import Column, Layout
from agent.core.mis.wording import Found, Shape
from agent.core.model import PurposeId
from service.office.fields import DayField
from service.office.house import now
from service.office.register.models import Purpose

NOTHING: Final = ""
MEANINGS: Final = [("yes", "Yes"), ("no", "No"), ("skip", "Skip: no decision")]
FIELDS: Final = {
    Field.UPN: "UPN",
    Field.ADMISSION: "Admission number",
    Field.GIVEN: "First name",
    Field.FAMILY: "Surname",
    Field.FULL_NAME: "Whole name",
    Field.KNOWN_AS: "Known as",
    Field.BORN: "Date of birth",
    Field.YEAR: "Year",
    Field.CLASS: "Class",
    Field.STATUS: "On roll or leaver",
    Field.LEFT_ON: "Last day at school",
    Field.DECIDED_ON: "Day of the consent",
    Field.GIVEN_BY: "Who gave the consent",
    Field.CONSENT_TYPE: "Kind of consent (a row for each consent)",
    Field.CONSENT_STATUS: "Answer (a row for each consent)",
}


_SHAPES: Final = {
    True: "Say which column holds the kind of consent, and which the answer.",
    False: "A column is set to the kind of consent: then a row stands for one consent.",
}


class FileForm(forms.Form):
    """A file and the day on which it was made."""

    file = forms.FileField(
        label="File",
        help_text="CSV or Excel workbook (.xlsx), as your information system exports it",
    )
    made_on = DayField(label="On which day was it exported?")

    def clean_made_on(self) -> Any:  # noqa: ANN401 - a day
        """Refuse a day to come."""
        day = self.cleaned_data["made_on"]
        if day > now().today:
            raise forms.ValidationError("The day is in the future.")
        return day


class ColumnsForm(forms.Form):
    """What each column means; built from the headings of one file."""

    def __init__(
        self,
        layout: Layout,
        examples: Sequence[Sequence[str]],
        shape: Shape,
        **given: Any,  # noqa: ANN401 - what a form takes
    ) -> None:
        super().__init__(**given)
        self._layout = layout
        purposes = _purposes()
        self.fields["shape"] = forms.ChoiceField(
            label="What does a row of your file stand for?",
            choices=[
                (Shape.PUPIL.value, "A pupil, with a column for each consent"),
                (Shape.CONSENT.value, "One consent of a pupil"),
            ],
            initial=shape.value,
            widget=forms.RadioSelect,
        )
        for place, column in enumerate(layout.columns):
            sensitive = is_sensitive(column.heading)
            seen = ", ".join(examples[place])
            self.fields[f"column{place}"] = forms.ChoiceField(
                label=column.heading or "Column without a heading",
                help_text="Never imported" if sensitive else f"For example: {seen}",
                choices=_choices(column, [] if sensitive else purposes, sensitive=sensitive),
                initial=_value(column),
                required=False,
                widget=forms.Select(attrs={"class": "govuk-select"}),
            )

    def layout(self) -> Layout:
        """Return the layout that was chosen."""
        columns = tuple(
            _column(column.heading, self.cleaned_data[f"column{place}"])
            for place, column in enumerate(self._layout.columns)
        )
        return Layout(columns=columns)

    def clean(self) -> dict[str, Any]:
        """Refuse a layout under which nothing can be imported."""
        if not self.errors:
            long = self.cleaned_data["shape"] == Shape.CONSENT.value
            if long is (self.layout().place(Field.CONSENT_TYPE) is None):
                self.add_error("shape", _SHAPES[long])
            for fault in self.layout().faults():
                self.add_error(None, fault.value)
        return self.cleaned_data


class KindsForm(forms.Form):
    """What each kind of consent of a file is for."""

    def __init__(self, layout: Layout, found: Sequence[Found], **given: Any) -> None:  # noqa: ANN401 - what a form takes
        super().__init__(**given)
        self._layout, self._found = layout, found
        for place, one in enumerate(found):
            known = layout.kinds.get(one.key, ())
            self.fields[f"kind{place}"] = forms.ChoiceField(
                label=one.text,
                help_text=_rows(one.count),
                choices=[(NOTHING, "Not imported"), *_purposes()],
                initial=known[0] if known else NOTHING,
                required=False,
                widget=forms.Select(attrs={"class": "govuk-select"}),
            )

    def kinds(self) -> dict[str, tuple[PurposeId, ...]]:
        """Return the purposes of each kind; none where it is not imported."""
        made = dict(self._layout.kinds)
        for place, one in enumerate(self._found):
            code = self.cleaned_data[f"kind{place}"]
            made[one.key] = (PurposeId(code),) if code else ()
        return made


class WordsForm(forms.Form):
    """What words of a file mean that are neither yes nor no; nothing is chosen beforehand."""

    def __init__(self, found: Sequence[Found], **given: Any) -> None:  # noqa: ANN401 - what a form takes
        super().__init__(**given)
        self._found = found
        for place, one in enumerate(found):
            self.fields[f"word{place}"] = forms.ChoiceField(
                label=one.text,
                help_text=_rows(one.count),
                choices=MEANINGS,
                widget=forms.RadioSelect,
            )

    def words(self) -> list[tuple[str, str]]:
        """Return each word and what it means."""
        return [
            (one.key, self.cleaned_data[f"word{place}"]) for place, one in enumerate(self._found)
        ]


class WordForm(forms.Form):
    """What a remembered word means from now on."""

    says = forms.ChoiceField(
        label="What does it mean?",
        choices=[*MEANINGS, ("forgotten", "Ask again")],
        widget=forms.RadioSelect,
    )


def _rows(count: int) -> str:
    return f"In {count} cell{'' if count == 1 else 's'}"


def _purposes() -> list[tuple[str, str]]:
    return list(Purpose.objects.filter(used=True).values_list("code", "label"))


def _choices(
    column: Column, purposes: Sequence[tuple[str, str]], *, sensitive: bool
) -> list[tuple[str, Any]]:
    made: list[tuple[str, Any]] = [(NOTHING, "Not imported")]
    if sensitive:
        return made
    ordered = [field for field in suggestions(column.heading) if field in FIELDS]
    made.append(("The pupil", [(f"field.{one.value}", FIELDS[one]) for one in ordered]))
    made.append(("Consent for", [(f"purpose.{code}", label) for code, label in purposes]))
    return made


def _value(column: Column) -> str:
    if column.field in FIELDS:
        return f"field.{column.field.value}"
    return f"purpose.{column.purposes[0]}" if column.purposes else NOTHING


def _column(heading: str, value: str) -> Column:
    kind, _, word = value.partition(".")
    if kind == "field":
        return Column(heading=heading, field=Field(word))
    purposes = (PurposeId(word),) if kind == "purpose" else ()
    return Column(heading=heading, purposes=purposes)
