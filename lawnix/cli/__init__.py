"""`lawnix`: one module for each verb. A door parses, calls one verb, and shows what it returned."""
