"""The store: immutable objects at rest and in transit, and what is known about them."""
