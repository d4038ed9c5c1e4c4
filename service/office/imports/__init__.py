# SPDX-License-Identifier: Apache-2.0
"""Import from the MIS: a file, its columns, what would change, confirmation, apply, undo."""
