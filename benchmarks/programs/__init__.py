"""The work, as a user of each system would write it.

Each runs in the environment of its system, and imports nothing else but `bodies`.
"""
