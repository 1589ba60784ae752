"""The hub's promise put to the test: programs that are killed at the worst moment, and what became of each write."""
