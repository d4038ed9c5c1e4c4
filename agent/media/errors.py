# SPDX-License-Identifier: Apache-2.0
"""What a container can be refused for: three answers, no others, none of them a crash.

    MediaError
    |- Malformed      the bytes break the rules of their own format
    |- Unsupported    well-formed or unknown, but nothing here can prove it clean
    `- TooBig         over a limit that protects the agent (pixels, boxes, depth, bytes)

Messages name the structure at fault, never a value that was read from the file.
"""


class MediaError(Exception):
    """Say why a medium is refused."""


class Malformed(MediaError):  # noqa: N818 - an answer about a file, not a fault of ours
    """The bytes break the rules of their own format."""


class Unsupported(MediaError):  # noqa: N818 - an answer about a file, not a fault of ours
    """Nothing here can prove that a file of this kind is clean."""


class TooBig(MediaError):  # noqa: N818 - an answer about a file, not a fault of ours
    """The file is over a limit that protects the agent."""
