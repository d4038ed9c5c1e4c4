# SPDX-License-Identifier: Apache-2.0
"""The routes of the import."""

from django.urls import path

from service.office.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.listed, name="list"),
    path("export", views.export, name="export"),
    path("<str:held>/columns", views.columns, name="columns"),
    path("<str:held>/changes", views.changes, name="changes"),
    path("<str:held>/choose", views.choose, name="choose"),
    path("<str:held>/confirm", views.confirm, name="confirm"),
    path("<str:held>/apply", views.apply, name="apply"),
    path("<str:held>/put-away", views.put_away, name="put_away"),
    path("<str:done>/undo", views.undo, name="undo"),
]
