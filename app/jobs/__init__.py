"""Entry points of the queues."""
