"""Tables in and out: column declarations, readers, writers. No database, no Flask."""
