"""Vigie watches public listings and keeps one clean, searchable copy with its history."""

__version__ = "0.1.0"
