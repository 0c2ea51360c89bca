"""Readers of code set files: they turn bytes into rows and findings; `releases` stores them.

A file from outside is checked before it is believed: no DOCTYPE, known header, row by row.
"""
