# SPDX-License-Identifier: Apache-2.0
"""Class cards: choose them from the published register, print them, withdraw them.

Boundary: what a card says and what it means is `agent.core.cards`; here it gets a page. No card
holds a child's name unless the office asks for it on that child's own card.
"""
