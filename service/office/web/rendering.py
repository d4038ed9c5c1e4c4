# SPDX-License-Identifier: Apache-2.0
"""How forms become HTML: our own templates for the form and each field."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Forms in the components of this console."""

    form_template_name = "components/form_fields.html"
    field_template_name = "components/field.html"
