# SPDX-License-Identifier: Apache-2.0
"""The form to sign in with: allauth's own, without what would need e-mail."""

from typing import Any

from allauth.account import forms


class LoginForm(forms.LoginForm):  # type: ignore[misc]  # allauth ships no types
    """Name and password; nothing stands between the two for the keyboard."""

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - passed through
        super().__init__(*given, **named)
        for field in self.fields.values():
            field.help_text = ""
            field.widget.attrs.pop("placeholder", None)
        self.fields["login"].label = "Name to sign in with"
