"""Pure rules: code numbers and their ranges, and what makes a visit's coding whole."""
