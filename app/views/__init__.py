"""The back office, declared."""
