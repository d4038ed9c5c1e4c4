# SPDX-License-Identifier: Apache-2.0
"""The page on which somebody does one act: a form, the act, and where to go then.

The act itself says whether it may be done and whether it can; a refusal stands above the form.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from service.office.accounts.models import User
from service.office.acts import Act, Refused


@dataclass(frozen=True, kw_only=True)
class ActPage:
    """What the page says: heading, sentence below it, the button's words, where to go."""

    title: str
    submit: str
    then: str
    """The address to go to when it is done, and to go back to."""
    said: str = "Saved."
    intro: str = ""
    warning: bool = False
    files: bool = False
    context: Mapping[str, Any] = field(default_factory=dict)
    template: str = "act.html"

    def answer(
        self, request: HttpRequest, form: forms.BaseForm, make: Callable[[dict[str, Any]], Act]
    ) -> HttpResponse:
        """Show the form, or do the act that it describes."""
        if request.method == "POST" and form.is_valid():
            try:
                make(form.cleaned_data).do()
            except Refused as error:
                form.add_error(None, error)
            else:
                messages.success(request, self.said)
                return redirect(self.then)
        return render(request, self.template, {"page": self, "form": form, **self.context})


def actor(request: HttpRequest) -> User:
    """Return who asks; the gate has made sure that somebody does.

    Raises:
        TypeError: nobody is signed in.
    """
    if not isinstance(request.user, User):
        raise TypeError("nobody is signed in")
    return request.user


def given(request: HttpRequest) -> Mapping[str, Any]:
    """Return the arguments by which a form is bound when it was sent."""
    if request.method != "POST":
        return {}
    return {"data": request.POST, "files": request.FILES}
