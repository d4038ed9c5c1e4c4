# SPDX-License-Identifier: Apache-2.0
"""Pages about this computer's import folders, and the test picture that goes the whole way."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from agent import trial
from agent.core.errors import AgentError, UnavailableError
from agent.core.model import Clue
from service.office.act_page import ActPage, actor, given
from service.office.house import house
from service.office.middleware import roles_of
from service.office.roles import Role
from service.office.setup import queries
from service.office.setup.acts import AddFolder, FinishStep, RemoveFolder
from service.office.setup.forms import FolderForm, RemoveFolderForm, TestPictureForm
from service.office.setup.views import page_of

_PLACE = "setup_test_picture"
_LOCKED = "site.locked"


def _with_site(
    view: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Lead to the keys where there are none yet."""

    def answer(request: HttpRequest) -> HttpResponse:
        return view(request) if house().has_site else redirect("setup:steps")

    return page_of(answer)


@_with_site
def folders(request: HttpRequest) -> HttpResponse:
    """Show which folders are watched, and have that confirmed."""
    if request.method == "POST":
        FinishStep(by=actor(request), step="folders").do()
        return redirect("setup:steps")
    context = {"folders": queries.folders(), "is_head": Role.HEAD in roles_of(request)}
    return render(request, "setup/folders.html", context)


@_with_site
def folder_add(request: HttpRequest) -> HttpResponse:
    """Have one more folder watched."""
    page = ActPage(
        title="Watch another folder",
        submit="Watch it",
        then=reverse("setup:folders"),
        said="Added. It is watched from the next start of Photowarden on.",
        intro="A folder of a cloud service (OneDrive, Google Drive, iCloud, Dropbox) cannot be "
        "watched: it sends pictures out of the school before anybody has looked at them.",
    )
    return page.answer(
        request,
        FolderForm(**given(request)),
        lambda said: AddFolder(by=actor(request), **said),
    )


@_with_site
def folder_remove(request: HttpRequest) -> HttpResponse:
    """Have a folder watched no more."""
    form = RemoveFolderForm(**given(request))
    path = form.data.get("path", "")
    if path not in {one.path for one in queries.folders()}:
        return redirect("setup:folders")
    page = ActPage(
        title="Watch a folder no more",
        submit="Take it off",
        then=reverse("setup:folders"),
        said="Taken off. From the next start of Photowarden on, nobody looks into it.",
        intro=f"{path} is looked at no more. What lies in it stays there, in clear.",
        warning=True,
    )
    if "sure" not in request.POST:
        form = RemoveFolderForm(initial={"path": path})
        return render(request, "setup/folder_remove.html", {"page": page, "form": form})
    return page.answer(request, form, lambda said: RemoveFolder(by=actor(request), **said))


@_with_site
def photo(request: HttpRequest) -> HttpResponse:
    """Send a test picture the whole way, and show how far it has come."""
    form = TestPictureForm(folders=queries.folder_paths(), **given(request))
    trouble = ""
    if request.method == "POST" and form.is_valid():
        try:
            request.session[_PLACE] = trial.send(house().site(), form.cleaned_data["folder"])
            trouble = _worked(request.session[_PLACE])
        except AgentError as error:
            trouble = error.diagnostics()
    place = Clue(request.session.get(_PLACE, ""))
    record = queries.test_case(place) if place else None
    if record is not None and record.stored_at is not None:
        FinishStep(by=actor(request), step="test_photo").do()
    context = {
        "form": form,
        "sent": bool(place),
        "passed": queries.passed(record) if place else [],
        "stored": record is not None and record.stored_at is not None,
        "trouble": trouble,
    }
    return render(request, "setup/photo.html", context)


def _worked(place: Clue) -> str:
    """Have the picture taken in, here or by the running agent; return what stands against it."""
    try:
        trial.work(house().site(), place)
    except UnavailableError as error:
        if error.code != _LOCKED:
            return error.diagnostics()
        trial.wait(house().site(), place, house().clock)
    return ""
