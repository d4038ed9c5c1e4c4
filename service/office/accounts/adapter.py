# SPDX-License-Identifier: Apache-2.0
"""What allauth asks of us: who may try a password, and that nobody signs up alone."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from agent.core.ledger import EntryKind
from service.office.accounts import tries
from service.office.accounts.models import User
from service.office.house import DUE, now
from service.office.record.models import record


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Our rules in allauth's places."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Answer that accounts are made by the head or the technician only."""
        del request
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ANN401 - allauth
        """Refuse a try that comes too soon after failures.

        Raises:
            ValidationError: whoever asks must wait.
        """
        wait = tries.wait_before(request, str(credentials.get("username", "")))
        if wait:
            raise ValidationError(tries.said(wait, timezone.localtime(now().at)))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:  # noqa: ANN401 - allauth
        """Check a password, count what failed and record it."""
        from django.contrib.auth import authenticate  # noqa: PLC0415 - beside its only use

        self.pre_authenticate(request, **credentials)
        user = authenticate(request, **credentials)
        if user is None:
            self.authentication_failed(request, **credentials)
        else:
            tries.succeeded(request, str(credentials.get("username", "")))
        return user

    def post_login(
        self,
        request: HttpRequest,
        user: AbstractBaseUser,
        **named: Any,  # noqa: ANN401 - allauth
    ) -> HttpResponse:
        """Let this browser carry that this person signed in here (`tries`)."""
        response: HttpResponse = super().post_login(request, user, **named)
        tries.remember_browser(request, response, user.get_username())
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ANN401 - allauth
        """Count the failure and record it; of a name that nobody has, only that it failed."""
        username = str(credentials.get("username", ""))
        tries.failed(request, username)
        user = User.objects.filter(username=username.strip().lower()).first()
        body = {"account": None if user is None else user.id}
        record(EntryKind.ACCOUNT_REFUSED, now().at, None, body)
        DUE.set()
