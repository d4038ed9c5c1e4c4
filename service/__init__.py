# SPDX-License-Identifier: Apache-2.0
"""What people and the operating system see: the office console, the report, the service hosts."""
