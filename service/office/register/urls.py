# SPDX-License-Identifier: Apache-2.0
"""The routes of the register; who may use each stands in `service.office.policy`."""

from django.urls import path

from service.office.register.views import answers, arrangement, asking, evidence, people

app_name = "register"
urlpatterns = [
    path("children", people.children, name="children"),
    path("children/add", people.person_add, name="person_add"),
    path("children/<str:person>", people.person, name="person"),
    path("children/<str:person>/change", people.person_change, name="person_change"),
    path("children/<str:person>/leaves", people.person_leave, name="person_leave"),
    path("children/<str:person>/restrict", people.restrict, name="restrict"),
    path("children/<str:person>/restrict/lift", people.restriction_lift, name="restriction_lift"),
    path("children/<str:person>/restrict/why", people.restriction_reasons, name="reasons"),
    path("children/<str:person>/guardians/add", people.guardian_add, name="guardian_add"),
    path(
        "children/<str:person>/guardians/<str:guardian>",
        people.guardian_change,
        name="guardian_change",
    ),
    path("children/<str:person>/answers/record", answers.record, name="record"),
    path("children/<str:person>/withdraw", answers.withdraw, name="withdraw"),
    path("children/<str:person>/answers/<str:answer>/correct", answers.correct, name="correct"),
    path("children/<str:person>/evidence/<str:evidence>", evidence.evidence, name="evidence"),
    path("answers", asking.answers, name="answers"),
    path("answers/letters", asking.print_letters, name="letters"),
    path("classes/<str:group>/card", asking.card, name="card"),
    path("classes", arrangement.groups, name="groups"),
    path("classes/add", arrangement.group_add, name="group_add"),
    path("classes/<str:group>", arrangement.group, name="group"),
    path("classes/<str:group>/change", arrangement.group_change, name="group_change"),
    path("classes/<str:group>/join", arrangement.group_join, name="group_join"),
    path("classes/<str:group>/leave", arrangement.group_leave, name="group_leave"),
    path("devices", arrangement.devices, name="devices"),
    path("devices/add", arrangement.device_add, name="device_add"),
    path("devices/<str:device>/change", arrangement.device_change, name="device_change"),
    path("devices/<str:device>/retire", arrangement.device_retire, name="device_retire"),
    path("purposes", arrangement.purposes, name="purposes"),
    path("purposes/add", arrangement.purpose_add, name="purpose_add"),
    path("purposes/<str:purpose>/change", arrangement.purpose_change, name="purpose_change"),
    path("computers", arrangement.computers, name="computers"),
]
