"""What reaches open pages by itself: hints that something has changed, and who else is there."""
