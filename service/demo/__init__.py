"""A believable year for the demo: invented issues that live through the commands, by a seed."""
