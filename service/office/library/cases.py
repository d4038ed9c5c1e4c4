# SPDX-License-Identifier: Apache-2.0
"""The record of a case: what counts, whatever the index says."""

from django.http import Http404

from agent import bootstrap
from agent.core.case import Record
from agent.core.model import CaseId
from service.office.house import house


def record_of(case: str) -> Record:
    """Return the record of a case of this site.

    Raises:
        Http404: the journal has no such case.
        UnavailableError: the journal cannot be read now.
    """
    with bootstrap.open_journal(house().site()) as journal:
        record = journal.find(CaseId(case))
    if record is None:
        raise Http404
    return record
