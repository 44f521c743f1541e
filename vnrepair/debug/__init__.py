"""To look at: what every stage made of a page, as images and an HTML page for a person."""
