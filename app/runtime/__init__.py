"""Processes: what keeps Redis, the web server, the workers and the scheduler running, and ends them in order."""
