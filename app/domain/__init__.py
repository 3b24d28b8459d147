"""Pure rules of the field: enums, checks and decisions. No Flask, no SQLAlchemy, no clock of its own."""
