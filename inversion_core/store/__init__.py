"""What survives: runs in a database, pictures and files by content hash."""
