"""What happened to the customers of the sandbox, told as API calls and clock moves."""
