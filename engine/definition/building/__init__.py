"""From a file as read to the values of a workflow."""
