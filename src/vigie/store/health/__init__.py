"""Whether a page still says what its source has always said, told before anything is published.

A source's healthy pages leave a profile per run: how often each field is filled, what shapes its
texts have, how many distinct values, where its numbers lie, how thin its thinnest listing was.
A new page is compared with the profiles of the runs before. What cannot be chance is *held*: its
rows are quarantined with the reason, its run closes nothing, until a person mends or releases it.

    measure   frame of rows → what each page looks like
    profile   what a run looked like; several of them: what is usual
    verdict   a page against what is usual → reasons to hold it
    runs      a whole run against the runs before → alarms
    watchman  all of it inside the store's transaction

Only answers of sites are judged. Files that people import are theirs.
"""
