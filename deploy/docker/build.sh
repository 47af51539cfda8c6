#!/bin/sh
# What the images' build stage runs: compiles, then lays out in /image what the final stage copies. Only dependencies that the
# services and the command line run with stay, and of their native libraries those of this machine.
set -eu

npm ci
npx tsc -b services/router services/nlp services/vision services/generator services/custom packages/cli

npm ci --omit=dev \
  --workspace services/router --workspace services/nlp --workspace services/vision \
  --workspace services/generator --workspace services/custom --workspace packages/cli

runtime=node_modules/onnxruntime-node
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

image=/image/weft
mkdir -p "$image/deploy/docker" /image/var/lib/weft
for part in package.json LICENSE proto models node_modules deploy/docker/health-check.mjs; do
  cp -a "$part" "$image/$part"
done
for folder in services/* packages/*; do
  [ -d "$folder/dist" ] || continue
  mkdir -p "$image/$folder"
  for part in package.json defaults.json dist bin; do
    if [ -e "$folder/$part" ]; then cp -a "$folder/$part" "$image/$folder/$part"; fi
  done
done
find "$image/services" "$image/packages" -type f \( -name '*.test.js' -o -name '*.test.js.map' -o -name '*.d.ts' \) -delete
# Some dependencies are kept in a workspace's own folder.
for folder in services/*/node_modules packages/*/node_modules; do
  if [ -d "$folder" ] && [ -d "$image/${folder%/node_modules}" ]; then cp -a "$folder" "$image/$folder"; fi
done
node deploy/docker/trim.mjs "$image"

chown -R 10001:10001 /image/var/lib/weft
find /image -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
