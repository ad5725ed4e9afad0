"""What the Makefile calls to keep files in step with each other."""
