"""Is this deployment set up right? Every setting, key and neighbour of the bundle is looked at, and what is wrong is
said with what mends it.

Nothing is created, bought or billed, unless it is asked for. No finding shows a value of a setting.
"""
