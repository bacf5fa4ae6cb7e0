"""Pages from records: what a reader opens in a browser.

Everything here is derived and deterministic: the same record gives the same bytes. The layers,
upwards: :mod:`.series` reduces a history to what a chart draws, :mod:`.data` writes the files that
the front end reads, :mod:`.run_page`, :mod:`.project_page` and :mod:`.root_page` render whole pages
with no I/O, and :mod:`.build` reads records and writes pages.
"""
