# SPDX-License-Identifier: Apache-2.0
"""The library: an opaque index of all cases, who may see which, and the pages to find them."""
