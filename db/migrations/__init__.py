"""How the schema comes into being and grows; alembic runs it, and is imported only when there is work."""
