"""Character cards, in and out: PNG, APNG, JSON and CHARX; versions 1, 2 and 3. What they hold is data."""
