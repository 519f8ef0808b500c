"""Alembic migrations: forward only, nullable columns only, after a backup."""
