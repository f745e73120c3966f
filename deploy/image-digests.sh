#!/usr/bin/env bash
# Prints the arguments with which `docker build` uses today's base images by digest, and no later ones under the same tag:
#   docker build -f deploy/Dockerfile $(deploy/image-digests.sh) -t halley .
# Needs docker with buildx and the network. Keep the output of a release beside its bill of materials (deploy/sbom.py).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
sed -nE 's/^ARG ([A-Z]+_IMAGE)=(.*)$/\1 \2/p' Dockerfile | while read -r name image; do
    digest=$(docker buildx imagetools inspect "$image" --format '{{.Manifest.Digest}}')
    printf -- '--build-arg %s=%s@%s\n' "$name" "$image" "$digest"
done
