# SPDX-License-Identifier: Apache-2.0
"""Run the whole program as `python -m service`."""

from service.program import main

if __name__ == "__main__":
    main()
