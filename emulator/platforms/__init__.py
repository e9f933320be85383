"""Events and contexts as Lambda and FunctionGraph make them, and engines as they offer them."""
