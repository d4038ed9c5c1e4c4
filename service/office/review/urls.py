# SPDX-License-Identifier: Apache-2.0
"""The routes of the review."""

from django.urls import path

from service.office.review.views import acts, cover, picture, queue

app_name = "review"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("same", acts.same, name="same"),
    path("undo", acts.undo_last, name="undo_last"),
    path("<str:case>", picture.picture, name="picture"),
    path("<str:case>/absent", acts.absent, name="absent"),
    path("<str:case>/cover", cover.cover, name="cover"),
    path("<str:case>/undo/<str:statement>", acts.undo, name="undo"),
]
