# SPDX-License-Identifier: Apache-2.0
"""The tables of the journal, and the change numbers by which others follow it.

A case gets a new number, greater than every one before, whenever its record is written: a trigger
of the file itself gives it, so that no version of this program writes a record without one. A
journal from before that is numbered when the agent opens it. The version of the tables stays: an
older program can use them.
"""

from typing import Final

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS cases (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    spooled INTEGER NOT NULL,
    record TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS cases_unfinished ON cases (number)
    WHERE state NOT IN ('done', 'erased');
CREATE INDEX IF NOT EXISTS cases_spooled ON cases (number) WHERE spooled = 1;
CREATE TABLE IF NOT EXISTS left_in_place (
    identity TEXT PRIMARY KEY,
    case_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS frames (
    case_id TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    day TEXT NOT NULL,
    frame TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS frames_of_a_day ON frames (body, day);
CREATE TABLE IF NOT EXISTS looks (
    case_id TEXT PRIMARY KEY,
    pixels TEXT NOT NULL,
    outline TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS companions (
    case_id TEXT NOT NULL,
    other TEXT NOT NULL,
    PRIMARY KEY (case_id, other)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS statements (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    about TEXT NOT NULL,
    statement TEXT NOT NULL,
    UNIQUE (id, about)
) STRICT;
CREATE INDEX IF NOT EXISTS statements_about ON statements (about);
CREATE TABLE IF NOT EXISTS set_aside (
    identity TEXT PRIMARY KEY,
    case_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reviews (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    of TEXT NOT NULL,
    last TEXT,
    ended INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS freezes (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    item TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id TEXT NOT NULL UNIQUE
) STRICT;
CREATE TRIGGER IF NOT EXISTS cases_arrived AFTER INSERT ON cases
    BEGIN
        DELETE FROM changes WHERE case_id = NEW.id;
        INSERT INTO changes (case_id) VALUES (NEW.id);
    END;
CREATE TRIGGER IF NOT EXISTS cases_changed AFTER UPDATE ON cases
    BEGIN
        DELETE FROM changes WHERE case_id = NEW.id;
        INSERT INTO changes (case_id) VALUES (NEW.id);
    END;
"""
VERSION: Final = 2

NUMBER_OLDER_CASES: Final = """
INSERT INTO changes (case_id) SELECT id FROM cases
    WHERE id NOT IN (SELECT case_id FROM changes) ORDER BY number
"""
CHANGED_SINCE: Final = """
SELECT changes.number, record FROM changes JOIN cases ON cases.id = changes.case_id
    WHERE changes.number > ? ORDER BY changes.number LIMIT ?
"""
LOOKS_SINCE: Final = """
SELECT looks.case_id, pixels, outline FROM changes JOIN looks USING (case_id)
    WHERE changes.number > ?
"""
