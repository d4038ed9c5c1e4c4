# SPDX-License-Identifier: Apache-2.0
"""What may be done to the register: one class an act (`service.office.acts`)."""
