"""Small tables of open facts, and the script that builds the largest of them (see README.md)."""
