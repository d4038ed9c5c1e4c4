# SPDX-License-Identifier: Apache-2.0
"""What a file can be refused for: a few answers, none of them a crash.

    MediaError
    |- Malformed      the bytes break the rules of their own format
    |- Unsupported    well-formed or unknown, but nothing here can clean a file of this kind
    |- TooBig         over a limit that protects the agent (pixels, boxes, depth, bytes)
    |- Doubt          the second reader could not confirm that a cleaned file is clean
    `- ChildFailed    the child that parses hostile bytes crashed, hung or answered nonsense

Messages name the structure at fault, never a value that was read from the file.
"""


class MediaError(Exception):
    """Say why a medium is refused."""


class Malformed(MediaError):  # noqa: N818 - an answer about a file, not a fault of ours
    """The bytes break the rules of their own format."""


class Unsupported(MediaError):  # noqa: N818 - an answer about a file, not a fault of ours
    """Nothing here can clean a file of this kind."""


class TooBig(MediaError):  # noqa: N818 - an answer about a file, not a fault of ours
    """The file is over a limit that protects the agent."""


class Doubt(MediaError):  # noqa: N818 - an answer about a file, not a fault of ours
    """The second reader could not confirm that a cleaned file is clean."""


class ChildFailed(MediaError):  # noqa: N818 - an answer about a file, not a fault of ours
    """The child crashed, hung or answered nonsense; the file is hostile until shown otherwise."""
