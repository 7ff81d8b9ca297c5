"""The JSON API for programs: every command and every query, tokens only, documented by itself."""
