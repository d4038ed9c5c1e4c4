# SPDX-License-Identifier: Apache-2.0
"""The routes of the import."""

from django.urls import path

from service.office.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.listed, name="list"),
    path("export", views.export, name="export"),
    path("words", views.words, name="words"),
    path("words/<str:word>", views.word, name="word"),
    path("<str:held>/kinds", views.kinds, name="kinds"),
    path("<str:held>/words", views.own_words, name="own_words"),
    path("<str:held>/refusals", views.refusals, name="refusals"),
    path("<str:held>/columns", views.columns, name="columns"),
    path("<str:held>/changes", views.changes, name="changes"),
    path("<str:held>/choose", views.choose, name="choose"),
    path("<str:held>/confirm", views.confirm, name="confirm"),
    path("<str:held>/apply", views.apply, name="apply"),
    path("<str:held>/put-away", views.put_away, name="put_away"),
    path("<str:done>/undo", views.undo, name="undo"),
]
