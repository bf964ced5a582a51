"""What a build touched without having said so: watched through Python's audit events, judged when it has ended.

`recording` notes what happens, as `events` tells it, also in Python children (`children`); `doors` hears of files that
C libraries open; `surroundings` knows what is the environment's own, `declared` what a build may read; `judge` tells
what is left, and `watch` puts this around a `run()`. Of a build in a sandbox, `heard` takes down in there what happens;
it is judged here.
"""
