"""The pages of the photos room."""
