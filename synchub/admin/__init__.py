"""What all admin pages of the hub share: the base classes, buttons, and how values are shown. No models."""
