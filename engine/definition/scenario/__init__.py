"""What happens in a simulated year, checked against its workflow."""
