"""`make bench`: what must be fast, measured beside what it is compared with, in one run.

Each module measures one subject and returns figures; __main__ prints them and keeps the last
results in docs/benchmarks.md. Both sides of a ratio take turns, so that a busy machine slows
both.
"""
