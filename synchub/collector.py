"""Python's garbage collector, in processes that work for long."""

import gc


def rest() -> None:
    """Nothing of what a process loads is garbage: to look for some again and again took an eighth of its start."""
    gc.disable()


def spare() -> None:
    """What is loaded when a process begins to work stays: the collector need not walk through it again and again.

    Converting pages made it do so every third page, for a fifth of the time.
    """
    gc.freeze()
    gc.enable()
