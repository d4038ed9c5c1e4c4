# SPDX-License-Identifier: Apache-2.0
"""Who can open sealed pictures: a passphrase a person, an unlocked key for minutes, in memory."""
