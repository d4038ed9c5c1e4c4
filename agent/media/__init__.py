# SPDX-License-Identifier: Apache-2.0
"""Media: reads, cleans and checks hostile containers; decoders run in a child process only."""
