"""The pages: server-rendered, on this machine unless told otherwise, and the feeds at their private addresses."""
