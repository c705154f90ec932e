"""What the browser sends and fetches as JSON."""
