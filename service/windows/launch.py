# SPDX-License-Identifier: Apache-2.0
"""Start the version that `current.txt` names: the service, its registration, or the command.

A copy of this file lies in the program folder and is all that Windows knows of us, so a switch of
versions changes one line of one text file. Python is started with `-I -S`: neither the user's nor
the installation's own packages can stand in front of ours.

    python -I -S launch.py --service SITE            the service; the control manager starts it
    python -I -S launch.py --install-service SITE    register it; `install.ps1` starts this
    python -I -S launch.py ...                       the program `photowarden`

Rule: imports the standard library only until the version's folder is in place.
"""

import site
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def main() -> None:
    """Put the version's packages first and start what was asked for."""
    folder = _HERE / "versions" / (_HERE / "current.txt").read_text("ascii").strip()
    sys.path.insert(0, str(folder))
    site.addsitedir(str(folder))
    sys.argv[0] = "photowarden"
    words = sys.argv[1:]
    if words[:1] == ["--service"]:
        from service.windows.hosting import serve  # noqa: PLC0415 - after the path is set

        serve(Path(words[1]), _HERE)
    elif words[:1] == ["--install-service"]:
        from service.windows.host import install_and_tell  # noqa: PLC0415 - the same

        sys.exit(install_and_tell(Path(words[1]), _HERE))
    else:
        from service.program import main as program  # noqa: PLC0415 - the same

        program()


if __name__ == "__main__":
    main()
