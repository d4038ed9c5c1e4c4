# SPDX-License-Identifier: Apache-2.0
"""The routes of the first run; who may use each stands in `service.office.policy`."""

from django.urls import path

from service.office.setup import views

app_name = "setup"
urlpatterns = [
    path("", views.start, name="start"),
    path("head", views.head, name="head"),
    path("steps", views.steps, name="steps"),
    path("keys", views.keys, name="keys"),
    path("recovery", views.recovery, name="recovery"),
    path("folders", views.folders, name="folders"),
    path("photo", views.photo, name="photo"),
    path("finish", views.finish, name="finish"),
]
