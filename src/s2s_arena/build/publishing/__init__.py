"""Publishing a suite: what its licences and consents allow, as Parquet with a data card and Croissant metadata."""
