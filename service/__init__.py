"""The program: commands, pages, API, command line and worker; the only folder that knows HTTP."""
