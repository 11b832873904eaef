"""Mutation testing: small changes are made to the deciding parts, one at a time, and the tests have to notice each.

`mutations` makes them, `covering` knows which test runs which line, `placing` puts one into a running interpreter,
`running` lets the tests loose on it, `results` keeps and counts what came of it.
"""
