"""The buyers' organisation: enterprises, departments and members, and what the seller is told of them (joint operation,
sections 1 and 7.1).
"""
