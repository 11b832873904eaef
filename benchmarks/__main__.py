"""`python -m benchmarks [--only NAME]… [--quick]`."""

from benchmarks.program import main

main()
