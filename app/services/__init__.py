"""Use cases: one transaction, its audit event, then the job."""
