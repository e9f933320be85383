"""The web console: shows the calls between the marketplace and the seller's server, and lets the user cause them.

Flask, templates and htmx from ``static/``. A page is a module here with a Flask blueprint ``page``, a folder or file of
templates, and ``texts/<name>.toml``; it is entered in :data:`emulator.console.pages.PAGES`.
"""
