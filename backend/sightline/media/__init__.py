"""The only home of PyAV: capture from files, cameras and IPTV streams."""
