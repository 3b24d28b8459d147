"""The public pages behind the posters."""
