#!/bin/sh
# What the images' build stage runs. `compile` is the same for every flavour, so that one cached layer serves them all: it compiles, and
# leaves only the dependencies that the services and the command line run with. `lay-out` makes of it what the final stage copies, in
# /image: with the native libraries of this machine and of the flavour, and without what no process reads.
set -eu

compile() {
  npm ci
  npx tsc -b services/router services/nlp services/vision services/generator services/custom packages/cli
  npm ci --omit=dev \
    --workspace services/router --workspace services/nlp --workspace services/vision \
    --workspace services/generator --workspace services/custom --workspace packages/cli
  npm cache clean --force
}

runtime=node_modules/onnxruntime-node

add_native_libraries() {
  case "${WEFT_IMAGE_CUDA:-}" in
    '') ;;
    onnxruntime)
      ONNXRUNTIME_NODE_INSTALL=cuda12 node "$runtime/script/install.js"
      # Needs libraries that no image here has.
      rm -f "$runtime"/bin/napi-v6/linux/x64/libonnxruntime_providers_tensorrt.so
      ;;
    tfjs)
      npm install --no-save --omit=dev --ignore-scripts=false --foreground-scripts \
        --workspaces=false @tensorflow/tfjs-node-gpu@4.22.0
      ;;
    *)
      echo "WEFT_IMAGE_CUDA is '$WEFT_IMAGE_CUDA': expected onnxruntime or tfjs" >&2
      exit 1
      ;;
  esac
  here=$(node -p process.arch)
  for folder in "$runtime"/bin/napi-v6/*/*; do
    [ "$folder" = "$runtime/bin/napi-v6/linux/$here" ] || rm -rf "$folder"
  done
}

lay_out() {
  add_native_libraries
  image=/image/weft
  mkdir -p "$image/deploy/docker" /image/var/lib/weft
  for part in package.json LICENSE proto models node_modules deploy/docker/health-check.mjs; do
    cp -a "$part" "$image/$part"
  done
  for folder in services/* packages/*; do
    [ -d "$folder/dist" ] || continue
    mkdir -p "$image/$folder"
    # Some dependencies are kept in a workspace's own folder.
    for part in package.json defaults.json dist bin node_modules; do
      if [ -e "$folder/$part" ]; then cp -a "$folder/$part" "$image/$folder/$part"; fi
    done
  done
  find "$image/services" "$image/packages" -type f \( -name '*.test.js' -o -name '*.test.js.map' -o -name '*.d.ts' \) -delete
  node deploy/docker/trim.mjs "$image"
  chown -R 10001:10001 /image/var/lib/weft
  find /image -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

case "${1:-}" in
  compile) compile ;;
  lay-out) lay_out ;;
  *)
    echo "usage: $0 compile|lay-out" >&2
    exit 1
    ;;
esac
