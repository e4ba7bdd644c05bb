"""The classifiers and generators that come with the package."""
