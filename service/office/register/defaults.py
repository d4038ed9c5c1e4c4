# SPDX-License-Identifier: Apache-2.0
"""The purposes that a new register starts with; the school changes, adds and switches off.

From real consent forms of primary schools; the pupil's picture in the management information system
is none of them: it identifies pupils on public task and never passes here.
"""

from typing import Final, NamedTuple


class Start(NamedTuple):
    """One purpose to start with."""

    code: str
    label: str
    scope: str
    renewal: str = "school_year"
    basis: str = "consent"


PURPOSES: Final = (
    Start("photograph_and_store", "Being photographed, and kept in storage", "internal"),
    Start("display", "Display in classrooms and corridors", "internal"),
    Start("learning_journal", "The child's own learning journal", "families"),
    Start("other_journals", "In other children's journals and group photos sent home", "families"),
    Start("staff_training", "Staff training and observation", "internal"),
    Start("newsletter", "Newsletter on paper", "families"),
    Start("families_app", "App or newsletter behind a log-in", "families"),
    Start("website", "School website", "world"),
    Start("prospectus", "Prospectus, banners, adverts", "world"),
    Start("social_media", "The school's social media", "world"),
    Start("press", "Local press and broadcast", "world"),
    Start("partners", "Partner schools, trust, council, tournament organisers", "third_party"),
    Start("recording", "Video and sound recordings", "internal"),
    Start("photographer_portrait", "Outside photographer: single portrait", "third_party"),
    Start("photographer_group", "Outside photographer: class and school photo", "third_party"),
    Start("archive", "School archive after leaving", "internal", "while_here"),
    Start("first_name", "First name beside a picture", "modifier"),
)
