# SPDX-License-Identifier: Apache-2.0
"""The routes about accounts; who may use each stands in `service.office.policy`."""

from django.urls import path

from service.office.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/code", views.use_code, name="use_code"),
    path("people", views.people, name="people"),
    path("people/add", views.add, name="add"),
    path("people/<str:account>", views.person, name="person"),
    path("people/<str:account>/role", views.grant, name="grant"),
    path("people/<str:account>/role/<str:role>/end", views.revoke, name="revoke"),
    path("people/<str:account>/close", views.close, name="close"),
    path("people/<str:account>/reopen", views.reopen, name="reopen"),
    path("people/<str:account>/code", views.code, name="code"),
    path("people/<str:account>/seen", views.acknowledge, name="acknowledge"),
]
