"""The production server for machines of one's own: the bundle over HTTP, in several processes, with its timers.

::

    supervisor ─┬─ web         (some, on one listening socket: threads, routes, health)
                └─ timekeeper  (one: sweep and upload, each by one machine at a time)

It starts ``functions/`` by name, as a platform does, and needs the extra ``server`` of the distribution.
"""
