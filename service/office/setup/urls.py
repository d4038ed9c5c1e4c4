# SPDX-License-Identifier: Apache-2.0
"""The routes of the first run; who may use each stands in `service.office.policy`."""

from django.urls import path

from service.office.setup import folders, views

app_name = "setup"
urlpatterns = [
    path("", views.start, name="start"),
    path("head", views.head, name="head"),
    path("steps", views.steps, name="steps"),
    path("keys", views.keys, name="keys"),
    path("recovery", views.recovery, name="recovery"),
    path("folders", folders.folders, name="folders"),
    path("folders/add", folders.folder_add, name="folder_add"),
    path("folders/remove", folders.folder_remove, name="folder_remove"),
    path("photo", folders.photo, name="photo"),
    path("finish", views.finish, name="finish"),
]
