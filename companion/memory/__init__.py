"""What is kept of a person, and what of it comes to mind. Pure: storage stands behind the port in `store`."""
