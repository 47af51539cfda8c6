# The image of every process of the mesh, for processors: the command chooses which, services/<name>/dist/main.js.
#
#   docker build -f deploy/docker/cpu.Dockerfile -t weft:0.1.0-cpu .
#
# It runs as any user but root, with its root file system read-only; what it keeps is in /var/lib/weft.
ARG NODE_IMAGE=docker.io/library/node:22.23.3-bookworm-slim@sha256:c3de60bf2f9dd0ac6370e6117950ff62d6e339527e7472301c9c78a017978392
ARG RUNTIME_IMAGE=docker.io/library/debian:bookworm-20261005-slim@sha256:7c7b2c966bc9ee8cedfeef67e0e279108992c77681fa595db4a9d65c06ccc587

FROM ${NODE_IMAGE} AS build
ARG NPM_CONFIG_REGISTRY=https://registry.npmjs.org/
WORKDIR /weft
COPY . .
RUN deploy/docker/build.sh compile
ARG SOURCE_DATE_EPOCH=0
RUN deploy/docker/build.sh lay-out

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="weft" \
      org.opencontainers.image.description="A gRPC inference mesh for Node" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /image/ /
ENV NODE_ENV=production \
    WEFT_BIND=0.0.0.0 \
    WEFT_HEALTH_PORT=8003 \
    WEFT_DATA_DIRECTORY=/var/lib/weft
WORKDIR /weft
USER 10001:10001
VOLUME ["/var/lib/weft"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "deploy/docker/health-check.mjs"]
ENTRYPOINT ["node", "--enable-source-maps"]
CMD ["services/router/dist/main.js"]
