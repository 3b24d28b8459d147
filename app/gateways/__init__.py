"""The outside world, each behind one small interface."""
