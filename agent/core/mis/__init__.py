# SPDX-License-Identifier: Apache-2.0
"""The import from a management information system (MIS), as pure functions over plain values.

A table of texts and a mapping become lines (`lines`), lines find their pupils (`matching`), and
both become a plan (`planning`): rows with a before and an after. A plan is looked at, braked
(`brakes`), split into what tightens and what waits (`effects`), applied to a book, and turned
round for undo (`book`). Nothing here reads a file, a clock or a database.
"""
