# SPDX-License-Identifier: Apache-2.0
"""The register's pages: a query and a template, or a form and an act."""
