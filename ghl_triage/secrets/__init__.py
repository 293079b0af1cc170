"""Keys and other secrets: where they come from, how they reach our own processes, how texts are cleared of them."""
