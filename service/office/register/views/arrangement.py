# SPDX-License-Identifier: Apache-2.0
"""Pages about classes and groups, devices, purposes, and which computer has which register."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from agent import stations
from agent.core.errors import AgentError
from agent.core.health import Health, Heard
from service.office.act_page import ActPage, actor, given
from service.office.house import house, now
from service.office.middleware import roles_of
from service.office.record.models import Event
from service.office.register import queries
from service.office.register.acts import arrangement as acts
from service.office.register.forms import (
    DeviceForm,
    GroupChangeForm,
    GroupForm,
    MembersForm,
    NewPurposeForm,
    PurposeChangeForm,
    RetireForm,
)
from service.office.register.models import Device, Group, Publication, Purpose
from service.office.register.views.people import page_of


@require_safe
def groups(request: HttpRequest) -> HttpResponse:
    """Show the classes and groups."""
    listed = queries.open_groups(actor(request), roles_of(request)).prefetch_related("teachers")
    return render(request, "register/groups.html", {"groups": listed})


@require_safe
def group(request: HttpRequest, group: str) -> HttpResponse:
    """Show a class: everybody in it, and how they stand for every purpose."""
    one = get_object_or_404(queries.open_groups(actor(request), roles_of(request)), pk=group)
    context = {"group": one, "listing": queries.class_table(one, now().today)}
    return render(request, "register/group.html", context)


@page_of
def group_add(request: HttpRequest) -> HttpResponse:
    """Add a class or group."""
    page = ActPage(
        title="Add a class or group", submit="Add", then=reverse("register:groups"), said="Added."
    )
    return page.answer(
        request,
        GroupForm(**given(request)),
        lambda said: acts.AddGroup(by=actor(request), **said),
    )


@page_of
def group_change(request: HttpRequest, group: str) -> HttpResponse:
    """Change a class or group."""
    one = get_object_or_404(Group, pk=group)
    initial = {
        "name": one.name,
        "folders": one.folders,
        "teachers": list(one.teachers.all()),
        "closed": one.closed_on is not None,
    }
    page = ActPage(title=f"Change {one.name}", submit="Save", then=reverse("register:groups"))
    return page.answer(
        request,
        GroupChangeForm(initial=initial, **given(request)),
        lambda said: acts.ChangeGroup(by=actor(request), group=one, **said),
    )


@page_of
def group_join(request: HttpRequest, group: str) -> HttpResponse:
    """Put people into a group."""
    one = get_object_or_404(Group, pk=group)
    page = ActPage(
        title=f"Put people into {one.name}",
        submit="Put in",
        then=reverse("register:group", args=[one.id]),
    )
    return page.answer(
        request,
        MembersForm(group=one, joining=True, **given(request)),
        lambda said: acts.JoinGroup(by=actor(request), group=one, people=list(said["people"])),
    )


@page_of
def group_leave(request: HttpRequest, group: str) -> HttpResponse:
    """Take people out of a group."""
    one = get_object_or_404(Group, pk=group)
    page = ActPage(
        title=f"Take people out of {one.name}",
        submit="Take out",
        then=reverse("register:group", args=[one.id]),
    )
    return page.answer(
        request,
        MembersForm(group=one, joining=False, **given(request)),
        lambda said: acts.LeaveGroup(by=actor(request), group=one, people=list(said["people"])),
    )


@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    """Show the school's cameras and tablets."""
    return render(request, "register/devices.html", {"devices": Device.objects.all()})


@page_of
def device_add(request: HttpRequest) -> HttpResponse:
    """Put a device on the register."""
    page = ActPage(
        title="Add a device", submit="Add", then=reverse("register:devices"), said="Added."
    )
    return page.answer(
        request,
        DeviceForm(**given(request)),
        lambda said: acts.AddDevice(by=actor(request), **said),
    )


@page_of
def device_change(request: HttpRequest, device: str) -> HttpResponse:
    """Change what is said of a device."""
    one = get_object_or_404(Device, pk=device)
    names = ("name", "make", "model", "serials", "folders")
    page = ActPage(title=f"Change {one.name}", submit="Save", then=reverse("register:devices"))
    return page.answer(
        request,
        DeviceForm(initial={name: getattr(one, name) for name in names}, **given(request)),
        lambda said: acts.ChangeDevice(by=actor(request), device=one, **said),
    )


@page_of
def device_retire(request: HttpRequest, device: str) -> HttpResponse:
    """Say that a device is the school's no more."""
    one = get_object_or_404(Device, pk=device)
    page = ActPage(
        title=f"Retire {one.name}",
        submit="Retire it",
        then=reverse("register:devices"),
        intro="Pictures that were taken later are held.",
        warning=True,
    )
    return page.answer(
        request,
        RetireForm(initial={"on": now().today}, **given(request)),
        lambda said: acts.RetireDevice(by=actor(request), device=one, on=said["on"]),
    )


@require_safe
def purposes(request: HttpRequest) -> HttpResponse:
    """Show why pictures may be used."""
    return render(request, "register/purposes.html", {"purposes": Purpose.objects.all()})


@page_of
def purpose_add(request: HttpRequest) -> HttpResponse:
    """Add a purpose."""
    page = ActPage(
        title="Add a purpose",
        submit="Add",
        then=reverse("register:purposes"),
        said="Added.",
        intro="Nobody has answered for it yet, so it counts as no for everybody.",
    )
    return page.answer(
        request,
        NewPurposeForm(**given(request)),
        lambda said: acts.AddPurpose(by=actor(request), **said),
    )


@page_of
def purpose_change(request: HttpRequest, purpose: str) -> HttpResponse:
    """Change a purpose."""
    one = get_object_or_404(Purpose, pk=purpose)
    names = ("label", "lawful_basis", "scope", "renewal", "used")
    page = ActPage(title=f"Change {one.label}", submit="Save", then=reverse("register:purposes"))
    return page.answer(
        request,
        PurposeChangeForm(initial={name: getattr(one, name) for name in names}, **given(request)),
        lambda said: acts.ChangePurpose(by=actor(request), purpose=one, **said),
    )


@require_safe
def computers(request: HttpRequest) -> HttpResponse:
    """Show which computer of the school has which version of the register."""
    newest = Publication.objects.order_by("-version").first()
    heard: Mapping[str, Heard] = {}
    trouble = ""
    if house().has_site:
        try:
            heard = stations.heard_of(house().site())
        except AgentError as error:
            trouble = error.diagnostics()
    rows = [
        {
            "station": station,
            "at": health.at if isinstance(health, Health) else None,
            "version": health.register_version if isinstance(health, Health) else None,
        }
        for station, health in heard.items()
    ]
    waiting = Event.objects.filter(in_ledger=False).count()
    context = {"newest": newest, "rows": rows, "trouble": trouble, "waiting": waiting}
    return render(request, "register/computers.html", context)
