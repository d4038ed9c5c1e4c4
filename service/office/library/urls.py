# SPDX-License-Identifier: Apache-2.0
"""The routes of the library."""

from django.urls import path

from service.office.library import views

app_name = "library"
urlpatterns = [path("", views.pictures, name="pictures")]
