"""Real model packs for tests: the installed default one, and others made of the shared model files."""

from pathlib import Path

from sightline.vision.model_packs.importer import import_folder
from sightline.vision.model_packs.store import PackStore

DEFAULT = "lite"
IMPORTED = ("cpu", "yolov8n-face-lab")


def real_store(folder: Path, lite_pack: Path, models_dir: Path | None = None) -> PackStore:
    """A store in a folder of its own with the default pack and, given models_dir, the imported ones."""
    store = PackStore(folder)
    folder.mkdir(parents=True)
    (folder / DEFAULT).symlink_to(lite_pack)
    if models_dir is not None:
        import_folder(store, models_dir, accept_licence=True)
    return store
