# The image of the model services for NVIDIA GPUs: onnxruntime's CUDA provider, with the CUDA 12 and cuDNN 9 that it wants.
# Otherwise as cpu.Dockerfile. linux/amd64 only.
#
#   docker build -f deploy/docker/gpu.Dockerfile -t weft:0.1.0-gpu .
ARG NODE_IMAGE=docker.io/library/node:22.23.3-bookworm-slim@sha256:c3de60bf2f9dd0ac6370e6117950ff62d6e339527e7472301c9c78a017978392
ARG RUNTIME_IMAGE=docker.io/nvidia/cuda:12.6.3-cudnn-runtime-ubuntu24.04@sha256:8aef630a54bc5c5146ae5ce68e6af5caa3df0fb690bb91544175c91f307e4356

FROM ${NODE_IMAGE} AS build
ARG NPM_CONFIG_REGISTRY=https://registry.npmjs.org/
WORKDIR /weft
COPY . .
RUN deploy/docker/build.sh compile
ARG SOURCE_DATE_EPOCH=0
ENV WEFT_IMAGE_CUDA=onnxruntime
RUN deploy/docker/build.sh lay-out

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="weft" \
      org.opencontainers.image.description="A gRPC inference mesh for Node, with CUDA 12 for onnxruntime" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /image/ /
ENV NODE_ENV=production \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    WEFT_BIND=0.0.0.0 \
    WEFT_HEALTH_PORT=8003 \
    WEFT_DATA_DIRECTORY=/var/lib/weft \
    WEFT_EXECUTION_PROVIDERS=cuda,cpu
WORKDIR /weft
USER 10001:10001
VOLUME ["/var/lib/weft"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "deploy/docker/health-check.mjs"]
ENTRYPOINT ["node", "--enable-source-maps"]
CMD ["services/nlp/dist/main.js"]
