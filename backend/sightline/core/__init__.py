"""What every layer above may use: settings, errors, logging, the clock."""
