"""The addresses: one module for each part of the site, pages and JSON."""
