"""Posters of venue codes, as PNG and PDF."""
