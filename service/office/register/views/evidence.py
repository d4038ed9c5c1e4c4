# SPDX-License-Identifier: Apache-2.0
"""A sealed scan of a consent form, opened for somebody who may see it and has unlocked the key."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from agent.core.errors import AgentError
from service.office.act_page import actor
from service.office.acts import Refused
from service.office.keyring.holding import key_of, needs_key
from service.office.register.acts.answers import OpenEvidence, evidence_content
from service.office.register.models import Evidence
from service.office.register.views.people import address, attached, found

_TYPES: Final = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}


@require_safe
@needs_key
def evidence(request: HttpRequest, person: str, evidence: str) -> HttpResponse:
    """Answer with a scan as a file; nothing of it is kept here, and its opening is recorded."""
    one = found(request, person)
    scan = get_object_or_404(Evidence, id=evidence, person=one)
    key = key_of(request)
    if key is None:
        return redirect(address(one))
    try:
        content = evidence_content(scan, key.identities)
    except Refused as error:
        messages.warning(request, error.messages[0])
        return redirect(address(one))
    except AgentError as error:
        messages.warning(request, error.diagnostics())
        return redirect(address(one))
    OpenEvidence(by=actor(request), evidence=scan).do()
    return attached(content, f"scan.{scan.kind}", _TYPES[scan.kind])
