# SPDX-License-Identifier: Apache-2.0
"""The routes of the reports."""

from django.urls import path

from service.office.reports import views

app_name = "reports"
urlpatterns = [
    path("", views.listed, name="list"),
    path("make", views.make, name="make"),
    path("check", views.check, name="check"),
    path("<slug:report>/approve", views.approve, name="approve"),
    path("<slug:report>/file/<slug:kind>", views.file, name="file"),
]
