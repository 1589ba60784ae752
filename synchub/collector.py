"""Python's garbage collector, in processes that work for long."""

import gc


def spare() -> None:
    """What is loaded when a process begins to work stays: the collector need not walk through it again and again.

    Converting pages made it do so every third page, for a fifth of the time.
    """
    gc.collect()
    gc.freeze()
