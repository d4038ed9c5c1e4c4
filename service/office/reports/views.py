# SPDX-License-Identifier: Apache-2.0
"""The pages of the reports. A report is downloaded, never shown inside the console."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from agent.core.errors import AgentError
from service.office.accounts.models import User
from service.office.acts import Refused
from service.office.middleware import roles_of
from service.office.reports import queries
from service.office.reports.acts import ApproveReport, MakeReport
from service.office.reports.forms import CheckForm, MakeForm
from service.office.roles import Role


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Show every report, the newest first."""
    may = Role.HEAD in roles_of(request)
    return render(request, "reports/list.html", {"reports": queries.reports(), "may_make": may})


@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """Make the report of a term."""
    form = MakeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            MakeReport(by=_person(request), **form.cleaned_data).do()
        except Refused as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, "The report was made. It is a draft until you approve it.")
            return redirect("reports:list")
    return render(request, "reports/make.html", {"form": form, "has_terms": bool(queries.terms())})


@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: HttpRequest, report: str) -> HttpResponse:
    """Approve a report, after showing what that means."""
    row = queries.report(report)
    if row is None:
        raise Http404
    if request.method == "POST":
        try:
            ApproveReport(by=_person(request), report=report).do()
        except Refused as refused:
            messages.error(request, refused.messages[0])
        else:
            messages.success(
                request, "The report is approved and printed without the draft's mark."
            )
        return redirect("reports:list")
    return render(request, "reports/approve.html", {"report": row})


@require_safe
def file(_request: HttpRequest, report: str, kind: str) -> FileResponse:
    """Give a report's file to keep."""
    found = queries.report_file(report, kind)
    if found is None:
        raise Http404
    path, name = found
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Look for the fingerprint that somebody types from their own paper."""
    form, found = CheckForm(request.POST or None), {}
    if request.method == "POST" and form.is_valid():
        try:
            search, now = queries.searched(form.cleaned_data["digits"])
            found = {"done": True, "search": search, "now": now}
        except AgentError as error:
            form.add_error(None, f"{error}. {error.remedy}")
    return render(request, "reports/check.html", {"form": form, **found})


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied("nobody is signed in")
    return request.user
