"""What people read: one file a projection, its tables, its fold, its queries."""
