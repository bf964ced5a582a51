"""29 edits of one small project: which systems notice those that matter, and which leave alone those that do not."""
