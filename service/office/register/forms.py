# SPDX-License-Identifier: Apache-2.0
"""The register's forms: explicit fields only; what is allowed is asked of the act."""

from django import forms

from service.office.accounts.models import User
from service.office.fields import DayField, LinesField, choice, text
from service.office.register import words
from service.office.register.models import Group, Guardian, Person, Purpose


class PersonForm(forms.Form):
    """What is said of a person."""

    given_name = text("First name", 80)
    family_name = text("Family name", 80)
    known_as = text("Known as", 80, required=False, help_text="If it differs from the first name")
    reference = text(
        "Reference", 40, help_text="The school's own number, such as the admission number"
    )
    upn = text("UPN", 13, required=False)
    born_on = DayField(label="Date of birth", required=False)
    year_group = text("Year", 20, required=False)
    also_tagged = LinesField(
        label="Other full names", help_text="By which pictures may be tagged, one a line"
    )


class NewPersonForm(PersonForm):
    """The same of somebody new, and what they are."""

    sort = choice("Who is this?", words.SORTS)
    field_order = ("sort",)


class LeavingForm(forms.Form):
    """The last day at school."""

    on = DayField(label="Last day at school")


class ReasonForm(forms.Form):
    """A reason."""

    reason = forms.CharField(
        label="Reason",
        help_text="Only the headteacher and the safeguarding lead can read it",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )


class GuardianForm(forms.Form):
    """In what right somebody answers for a child."""

    name = text("Name", 120)
    contact = text("Telephone or e-mail", 200, required=False)
    relationship = text("Relationship to the child", 60, help_text="For example mother, carer")
    capacity = choice("May this person decide?", words.CAPACITIES)
    delegation_seen_on = DayField(
        label="Day on which you saw the delegation",
        required=False,
        help_text="In the placement plan; for carers only",
    )


class GuardianChangeForm(GuardianForm):
    """The same of somebody who is there already, and whether they still answer."""

    name = None  # type: ignore[assignment]  # Django takes a field away so
    contact = None  # type: ignore[assignment]  # the same
    ended = forms.BooleanField(
        label="No longer answers for this child",
        required=False,
        help_text="An earlier yes stops counting; an earlier no still does",
    )


class AnswererForm(forms.Form):
    """Who answered, when and how."""

    answerer = forms.ChoiceField(label="Who answered?", widget=forms.RadioSelect)
    given_on = DayField(label="Day of the answer")
    how = choice("How did the answer come?", words.HOW)
    note = text("Note", 300, required=False, help_text="For example who rang and at what time")

    def __init__(self, *given: object, person: Person, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]  # passed through
        self.guardians = {
            guardian.id: guardian
            for guardian in Guardian.objects.filter(guardianships__person=person).distinct()
        }
        own = "The child" if person.sort == "pupil" else "This person"
        listed = [(id_, guardian.name) for id_, guardian in self.guardians.items()]
        self.fields["answerer"].choices = [*listed, ("self", own)]  # type: ignore[attr-defined]  # a choice field

    def guardian(self) -> Guardian | None:
        """Return who answered; None for the person."""
        return self.guardians.get(self.cleaned_data["answerer"])


class AnswersForm(AnswererForm):
    """One answer for each purpose, and a scan of what was signed."""

    valid_until = DayField(
        label="Last day", required=False, help_text="Empty: as long as the purpose says"
    )
    scan = forms.FileField(
        label="Scan of the form", required=False, help_text="PDF, JPEG or PNG, 8 MB at most"
    )

    def __init__(self, *given: object, person: Person, **named: object) -> None:
        super().__init__(*given, person=person, **named)
        self.purposes = {p.id: p for p in Purpose.objects.filter(used=True)}
        for id_, purpose in self.purposes.items():
            self.fields[f"for_{id_}"] = choice(
                purpose.label, [("yes", "Yes"), ("no", "No")], required=False
            )

    def says(self) -> dict[Purpose, str]:
        """Return what was said for which purpose."""
        told = {p: self.cleaned_data.get(f"for_{id_}") for id_, p in self.purposes.items()}
        return {purpose: says for purpose, says in told.items() if says}


class WithdrawForm(AnswererForm):
    """For what permission is taken back."""

    purposes = forms.ModelMultipleChoiceField(
        label="Withdraw permission for",
        queryset=Purpose.objects.filter(used=True),
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("purposes", "answerer", "how")


class CorrectionForm(forms.Form):
    """What is right, and why the entry was a mistake."""

    says = choice(
        "What is right?",
        [*words.SAYS, ("", "It should not have been entered at all")],
        required=False,
    )
    why = text("Why was the entry a mistake?", 300)


class GroupForm(forms.Form):
    """A class or group."""

    name = text("Name", 60, help_text="As the import folder is called, for example 3B")
    sort = choice("What is it?", [("class", "Class"), ("group", "Other group")])
    folders = LinesField(label="Other folder names that mean it")
    teachers = forms.ModelMultipleChoiceField(
        label="Teachers",
        queryset=User.objects.filter(is_active=True).order_by("name"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


class GroupChangeForm(GroupForm):
    """The same of one that is there already."""

    sort = None  # type: ignore[assignment]  # Django takes a field away so
    closed = forms.BooleanField(label="Closed: its folder means nobody any more", required=False)


class MembersForm(forms.Form):
    """Who is to join or leave a group."""

    people = forms.ModelMultipleChoiceField(
        label="People", queryset=Person.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *given: object, group: Group, joining: bool, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]  # passed through
        inside = Person.objects.filter(memberships__group=group, memberships__until__isnull=True)
        outside = Person.objects.filter(left_on__isnull=True).exclude(pk__in=inside)
        self.fields["people"].queryset = outside if joining else inside  # type: ignore[attr-defined]  # a model field


class DeviceForm(forms.Form):
    """A camera or tablet."""

    name = text("Name", 60, help_text="As it is written on the device")
    make = text("Make", 60, required=False)
    model = text("Model", 80, required=False, help_text="As the camera writes it into pictures")
    serials = LinesField(label="Serial numbers")
    folders = LinesField(
        label="Import folders of its own",
        help_text="Pictures that come by them were taken with it; one a line",
    )


class RetireForm(forms.Form):
    """The last day of a device."""

    on = DayField(label="Last day of use")


class PurposeForm(forms.Form):
    """Why a picture may be used."""

    label = text("Name", 120)
    lawful_basis = choice("Lawful basis", words.BASES)
    scope = choice("Who gets to see it?", words.SCOPES)
    renewal = choice("How long does a yes last?", words.RENEWALS)


class NewPurposeForm(PurposeForm):
    """The same of a new one, with its code."""

    code = forms.RegexField(
        r"^[a-z][a-z_]{0,40}$",
        label="Code",
        help_text="Small letters and underscores; it stays for ever",
        error_messages={"invalid": "Small letters and underscores only."},
    )


class PurposeChangeForm(PurposeForm):
    """The same of one that is there already."""

    used = forms.BooleanField(label="In use", required=False)


class CardForm(forms.Form):
    """What stands on a class's card."""

    contents = choice(
        "What stands on it?",
        [("count", "Only how many; the office says who"), ("names", "The names, no reasons")],
        initial="count",
    )
