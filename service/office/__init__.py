# SPDX-License-Identifier: Apache-2.0
"""The office console: the Django project in which a school office keeps its consent register.

    command, serving, start     from `photowarden console` to a listening server
    configuration, house        office.toml; what the process holds: folder, settings, clock
    settings, urls, policy      Django's settings; the routes; who may use which route
    middleware, navigation      who is signed in, for how long, with which headers; what they see
    acts, record                one class an act, one ledger entry an act
    accounts, register, setup   people and roles; the register; the first run
    web                         base template, components, style sheets

Rules: a view is a form and an act, or a query and a template. Acts change, queries read. Every
rule about permission is the core's (`agent.core.consent`). Addresses carry opaque ids, never names.
"""
