"""Forms for commands: what fields are called, how they are shown, how what was typed is read."""
