"""One module per command of the command line; `sightline.cli` assembles them."""
