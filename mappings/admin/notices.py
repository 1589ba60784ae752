"""What others may want to know of a change made here, without being imported here."""

from django.dispatch import Signal

mapping_changed = Signal()
"""Sent with `mapping_id` when a mapping is saved with other lines, another model or another connection."""
