# SPDX-License-Identifier: Apache-2.0
"""The demonstration: an invented school, drawn pictures, and the whole path over them."""
