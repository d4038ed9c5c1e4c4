# SPDX-License-Identifier: Apache-2.0
"""Why something sealed or signed is refused; each stage of reading has its own answer.

    SealError
    |- ArmorInvalid      the text armour is not exactly as the specification says
    |- HeaderInvalid     the header breaks the grammar, or a stanza its own rules
    |- NoMatch           well-formed, but none of the identities opens it
    |- HmacInvalid       the header was changed
    |- PayloadInvalid    the body was changed, cut, extended or reordered
    |- KeyInvalid        a text is no key of the kind that it should be
    `- SignatureInvalid  a note is malformed or not signed by a key we know

Messages name the part at fault; never key material, never content.
"""


class SealError(Exception):
    """Say why something sealed or signed is refused."""


class ArmorInvalid(SealError):  # noqa: N818 - an answer about a file
    """The text armour is not exactly as the specification says."""


class HeaderInvalid(SealError):  # noqa: N818 - an answer about a file
    """The header breaks the grammar, or a stanza its own rules."""


class NoMatch(SealError):  # noqa: N818 - an answer about a file
    """None of the identities opens it."""


class HmacInvalid(SealError):  # noqa: N818 - an answer about a file
    """The header was changed."""


class PayloadInvalid(SealError):  # noqa: N818 - an answer about a file
    """The body was changed, cut, extended or reordered."""


class KeyInvalid(SealError):  # noqa: N818 - an answer about a text
    """A text is no key of the kind that it should be."""


class SignatureInvalid(SealError):  # noqa: N818 - an answer about a note
    """A note is malformed or not signed by a key we know."""
