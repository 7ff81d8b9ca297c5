"""Stories: files that tell step by step what agencies do, played through the commands."""
