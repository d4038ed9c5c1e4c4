# SPDX-License-Identifier: Apache-2.0
"""The routes of sealed pictures; who may use each stands in `service.office.policy`."""

from django.urls import path

from service.office.pictures import views

app_name = "pictures"
urlpatterns = [
    path("<str:case>/preview", views.preview, name="preview"),
    path("<str:case>/thumbnail", views.thumbnail, name="thumbnail"),
    path("<str:case>/face/<int:number>", views.face, name="face"),
]
