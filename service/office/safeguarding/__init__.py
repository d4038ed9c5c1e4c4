# SPDX-License-Identifier: Apache-2.0
"""What must be stopped, kept from eyes, or destroyed: freezes, strange devices, erasures.

Nothing here opens a picture or holds a key.
"""
