"""Who she is: a YAML file, validated into a frozen value."""
