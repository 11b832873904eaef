"""What a file may look like and how it is read: texts with places, shapes, the grammar."""
