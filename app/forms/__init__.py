"""The fields that public pages and back office share."""
