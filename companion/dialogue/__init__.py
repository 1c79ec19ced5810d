"""The talk itself: what a model is told, what it answers, what is kept of it."""
