"""Model packs: manifests, installation, import, verification and quantisation of model files."""
