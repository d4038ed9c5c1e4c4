# SPDX-License-Identifier: Apache-2.0
"""The routes. Who may use each stands in `policy.ROUTES`; allauth's are named one by one."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import include, path

from service.office import views

urlpatterns = [
    path("", views.today, name="today"),
    path("", include("service.office.register.urls")),
    path("", include("service.office.accounts.urls")),
    path("held/", include("service.office.review.urls")),
    path("library/", include("service.office.library.urls")),
    path("imports/", include("service.office.imports.urls")),
    path("safeguarding/", include("service.office.safeguarding.urls")),
    path("set-up/", include("service.office.setup.urls")),
    path("still-here", views.still_here, name="still_here"),
    path("sign-in", account.login, name="account_login"),
    path("sign-out", account.logout, name="account_logout"),
    path("closed", account.account_inactive, name="account_inactive"),
    path("sign-up", views.closed, name="account_signup"),
    path("reset", views.closed, name="account_reset_password"),
    path("prove", account.reauthenticate, name="account_reauthenticate"),
    path("me/password", account.password_change, name="account_change_password"),
    path("sign-in/second", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("me/factors", mfa.index, name="mfa_index"),
    path("prove/second", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("prove/passkey", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("me/app", totp.activate_totp, name="mfa_activate_totp"),
    path("me/app/off", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("me/passkeys", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("me/passkeys/add", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("me/passkeys/<int:pk>/name", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("me/passkeys/<int:pk>/remove", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("me/codes", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("reports/", include("service.office.reports.urls")),
    path("key/", include("service.office.keyring.urls")),
    path("pictures/", include("service.office.pictures.urls")),
    path("me/codes/new", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
]

handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.failed
