# SPDX-License-Identifier: Apache-2.0
"""How the tables of this part came to be."""
