# SPDX-License-Identifier: Apache-2.0
"""The routes about the key; who may use each stands in `service.office.policy`."""

from django.urls import path

from service.office.keyring import views

app_name = "keyring"
urlpatterns = [
    path("unlock", views.unlock, name="unlock"),
    path("lock", views.lock, name="lock"),
    path("passphrase", views.passphrase, name="passphrase"),
    path("first", views.first, name="first"),
    path("access", views.access, name="access"),
    path("access/<str:account>/give", views.give, name="give"),
    path("access/<str:account>/remove", views.remove, name="remove"),
]
