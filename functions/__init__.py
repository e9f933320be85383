"""One module per marketplace interface. Modules never import each other, except ``gateway``, which loads by name."""
