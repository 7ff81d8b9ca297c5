"""The access log: who read what, when and why; apart from the events, one for each agency."""
