"""What people record, as they write it: checked against the workflow."""
