# SPDX-License-Identifier: Apache-2.0
"""The governors' report as a fold over the ledger: counts, what of them may be shown, sentences.

    periods    terms as stretches of time
    outcomes   what became of a picture, in the few groups that a report names
    fold       exact counts, from one entry after another; they never leave the program
    numbers    which counts may be shown, so that nothing hidden can be derived
    figures    the counts of a report as cells and the sums that join them
    facts      what a report rests on beside the counts
    acts       what people did, in words
    basis, attention, assurance, sentences, words
               rules that make the sentences, each with its scope
    model      all of it as one JSON value

Pure. Times are texts as the ledger writes them, which sort; whoever knows time zones made them.
"""
