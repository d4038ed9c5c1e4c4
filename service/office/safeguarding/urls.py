# SPDX-License-Identifier: Apache-2.0
"""The routes of safeguarding. Ids in them are opaque."""

from django.urls import path

from service.office.safeguarding.views import erasing, freezing

app_name = "safeguarding"
urlpatterns = [
    path("stop", freezing.stop, name="stop"),
    path("steps", freezing.steps, name="steps"),
    path("frozen", freezing.frozen, name="frozen"),
    path("freeze/<str:case>", freezing.freeze, name="freeze"),
    path("release/<str:case>", freezing.release, name="release"),
    path("devices", erasing.strange, name="devices"),
    path("erasures", erasing.proposals, name="proposals"),
    path("erasures/<str:proposal>/take-back", erasing.take_back, name="take_back"),
    path("erase/<str:case>", erasing.erase, name="erase"),
]
