"""What differs between regions, as data."""
