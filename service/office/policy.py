# SPDX-License-Identifier: Apache-2.0
"""Who may use which route: the one table. A route that is not in it is refused, and fails a test.

A name is `app:route`, as `reverse` takes it. The table decides who may come in; what an act may do
is asked once more by the act (`service.office.acts`), and what a page shows by its query.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from service.office.roles import Role


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a route: everyone on this computer, everyone signed in, or some roles."""

    roles: frozenset[Role] = field(default=frozenset())
    public: bool = False
    before_second_factor: bool = False
    """Whether it is open to somebody whose role needs a second factor that is not there yet."""

    def admits(self, roles: frozenset[Role]) -> bool:
        """Tell whether somebody who is signed in and has these roles may come in."""
        return self.public or bool(self.roles & roles)


def _only(*roles: Role) -> Rule:
    return Rule(roles=frozenset(roles))


EVERYBODY: Final = Rule(public=True)
"""Also who has not signed in: the log-in itself."""
SIGNED_IN: Final = Rule(roles=frozenset(Role))
OWN: Final = Rule(roles=frozenset(Role), before_second_factor=True)
"""One's own log-in: password, second factor."""
OFFICE: Final = _only(Role.OFFICE, Role.HEAD)
HEAD: Final = _only(Role.HEAD)
CARING: Final = _only(Role.OFFICE, Role.HEAD, Role.SAFEGUARDING)
READS_REGISTER: Final = _only(Role.OFFICE, Role.HEAD, Role.DATA_PROTECTION, Role.SAFEGUARDING)
READS_CLASSES: Final = _only(
    Role.OFFICE, Role.HEAD, Role.DATA_PROTECTION, Role.SAFEGUARDING, Role.TEACHER
)
SEES_EVIDENCE: Final = _only(Role.OFFICE, Role.HEAD, Role.DATA_PROTECTION)
PRINTS_LISTS: Final = _only(Role.OFFICE, Role.HEAD, Role.SAFEGUARDING, Role.TEACHER)
WITHDRAWS: Final = READS_CLASSES
GRANTS: Final = _only(Role.HEAD, Role.DATA_PROTECTION)
ACCOUNTS: Final = _only(Role.HEAD, Role.TECHNICIAN)
GIVES_CODES: Final = _only(Role.HEAD, Role.TECHNICIAN, Role.DATA_PROTECTION)
MACHINES: Final = _only(Role.OFFICE, Role.HEAD, Role.TECHNICIAN)
FOLDERS: Final = _only(Role.HEAD, Role.TECHNICIAN)
RESTRICTION_REASONS: Final = _only(Role.HEAD, Role.SAFEGUARDING)
KEEPS_WATCH: Final = _only(Role.OFFICE, Role.HEAD, Role.DATA_PROTECTION, Role.TECHNICIAN)
STOPS: Final = OWN
"""Whoever has signed in, whatever proof is still missing: a freeze waits for nothing."""
RELEASES: Final = _only(Role.HEAD, Role.SAFEGUARDING, Role.CHAIR)
HOLDS_KEY: Final = _only(
    Role.OFFICE, Role.TEACHER, Role.HEAD, Role.DATA_PROTECTION, Role.SAFEGUARDING
)
"""Who may open sealed pictures at all; which ones, the library says."""
KNOWS_PICTURES: Final = _only(
    Role.OFFICE, Role.HEAD, Role.SAFEGUARDING, Role.TEACHER, Role.DATA_PROTECTION
)
"""Who may know of pictures; of which ones, `library.access` decides."""
REVIEWS: Final = _only(Role.OFFICE, Role.HEAD, Role.SAFEGUARDING, Role.TEACHER)
"""Who looks at them and says who is in them."""
REPORTS: Final = _only(Role.HEAD, Role.DATA_PROTECTION, Role.GOVERNOR)

ROUTES: Final[Mapping[str, Rule]] = {
    "today": SIGNED_IN,
    "still_here": OWN,
    # accounts: signing in and out, one's own second factor
    "account_login": EVERYBODY,
    "account_logout": EVERYBODY,
    "account_inactive": EVERYBODY,
    "account_signup": EVERYBODY,
    "account_reset_password": EVERYBODY,
    "account_reauthenticate": OWN,
    "account_change_password": OWN,
    "mfa_authenticate": EVERYBODY,
    "mfa_login_webauthn": EVERYBODY,
    "mfa_index": OWN,
    "mfa_reauthenticate": OWN,
    "mfa_reauthenticate_webauthn": OWN,
    "mfa_activate_totp": OWN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_list_webauthn": OWN,
    "mfa_add_webauthn": OWN,
    "mfa_edit_webauthn": OWN,
    "mfa_remove_webauthn": SIGNED_IN,
    "mfa_view_recovery_codes": OWN,
    "mfa_generate_recovery_codes": OWN,
    # accounts: who has which role
    "accounts:use_code": EVERYBODY,
    "accounts:people": GIVES_CODES,
    "accounts:person": GIVES_CODES,
    "accounts:code": GIVES_CODES,
    "accounts:add": ACCOUNTS,
    "accounts:grant": GRANTS,
    "accounts:revoke": GRANTS,
    "accounts:close": GRANTS,
    "accounts:reopen": GRANTS,
    "accounts:acknowledge": SIGNED_IN,
    # the first run
    "setup:start": EVERYBODY,
    "setup:head": EVERYBODY,
    "setup:steps": HEAD,
    "setup:keys": HEAD,
    "setup:recovery": HEAD,
    "setup:folders": FOLDERS,
    "setup:folder_add": FOLDERS,
    "setup:folder_remove": FOLDERS,
    "setup:photo": HEAD,
    "setup:finish": HEAD,
    # the register
    "register:children": READS_CLASSES,
    "register:person": READS_CLASSES,
    "register:person_add": OFFICE,
    "register:person_change": OFFICE,
    "register:person_leave": OFFICE,
    "register:restrict": CARING,
    "register:restriction_lift": RESTRICTION_REASONS,
    "register:reasons": RESTRICTION_REASONS,
    "register:guardian_add": OFFICE,
    "register:guardian_change": OFFICE,
    "register:record": OFFICE,
    "register:withdraw": WITHDRAWS,
    "register:correct": OFFICE,
    "register:evidence": SEES_EVIDENCE,
    "register:answers": READS_REGISTER,
    "register:letters": OFFICE,
    "register:card": PRINTS_LISTS,
    "register:groups": READS_CLASSES,
    "register:group": READS_CLASSES,
    "register:group_add": OFFICE,
    "register:group_change": OFFICE,
    "register:group_join": OFFICE,
    "register:group_leave": OFFICE,
    "register:devices": MACHINES,
    "register:device_add": MACHINES,
    "register:device_change": MACHINES,
    "register:device_retire": MACHINES,
    "register:purposes": READS_REGISTER,
    "register:purpose_add": HEAD,
    "register:purpose_change": HEAD,
    "register:computers": KEEPS_WATCH,
    # the library
    "library:pictures": READS_CLASSES,
    # import from the information system
    "imports:list": OFFICE,
    "imports:export": OFFICE,
    "imports:columns": OFFICE,
    "imports:kinds": OFFICE,
    "imports:own_words": OFFICE,
    "imports:words": OFFICE,
    "imports:word": OFFICE,
    "imports:refusals": OFFICE,
    "imports:changes": OFFICE,
    "imports:choose": OFFICE,
    "imports:confirm": OFFICE,
    "imports:apply": OFFICE,
    "imports:put_away": OFFICE,
    "imports:undo": OFFICE,
    # safeguarding: anybody freezes, without permission and without a reason
    "safeguarding:stop": STOPS,
    "safeguarding:freeze": STOPS,
    "safeguarding:steps": STOPS,
    "safeguarding:frozen": RELEASES,
    "safeguarding:release": RELEASES,
    "safeguarding:devices": HEAD,
    "safeguarding:erase": OFFICE,
    "safeguarding:proposals": OFFICE,
    "safeguarding:take_back": OFFICE,
    # the key of sealed pictures
    "keyring:unlock": HOLDS_KEY,
    "keyring:lock": HOLDS_KEY,
    "keyring:passphrase": HOLDS_KEY,
    "keyring:access": HOLDS_KEY,
    "keyring:give": HOLDS_KEY,
    "keyring:remove": HOLDS_KEY,
    "keyring:first": HEAD,
    # held pictures and the review of one
    "review:queue": KNOWS_PICTURES,
    "review:picture": KNOWS_PICTURES,
    "review:same": REVIEWS,
    "review:undo_last": REVIEWS,
    "review:absent": REVIEWS,
    "review:cover": REVIEWS,
    "review:undo": REVIEWS,
    # sealed pictures, small, while the key is unlocked
    "pictures:preview": HOLDS_KEY,
    "pictures:thumbnail": HOLDS_KEY,
    "pictures:face": HOLDS_KEY,
    # the governors' reports
    "reports:list": REPORTS,
    "reports:make": HEAD,
    "reports:check": REPORTS,
    "reports:approve": HEAD,
    "reports:file": REPORTS,
}
