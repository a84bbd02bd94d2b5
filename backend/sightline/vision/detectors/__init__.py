"""Face detectors behind one interface, one module per architecture."""
