"""What all routes share: sessions, form keys, limits, texts, pages and the OpenAPI document."""
