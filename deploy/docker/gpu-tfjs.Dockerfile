# The image of model services whose TensorFlow.js models run on NVIDIA GPUs: tfjs-node-gpu, with the CUDA 11.2 and cuDNN 8 that
# its TensorFlow 2.9 wants. onnxruntime needs CUDA 12, so its models compute on the processor here. Node 22 at most: on 23 and
# later tfjs-node is broken. Otherwise as cpu.Dockerfile. linux/amd64 only.
#
#   docker build -f deploy/docker/gpu-tfjs.Dockerfile -t weft:0.1.0-gpu-tfjs .
ARG NODE_IMAGE=docker.io/library/node:22.23.3-bookworm-slim@sha256:c3de60bf2f9dd0ac6370e6117950ff62d6e339527e7472301c9c78a017978392
ARG RUNTIME_IMAGE=docker.io/nvidia/cuda:11.2.2-cudnn8-runtime-ubuntu20.04

FROM ${NODE_IMAGE} AS build
ARG NPM_CONFIG_REGISTRY=https://registry.npmjs.org/
WORKDIR /weft
COPY . .
RUN deploy/docker/build.sh compile
ARG SOURCE_DATE_EPOCH=0
ENV WEFT_IMAGE_CUDA=tfjs
RUN deploy/docker/build.sh lay-out

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="weft" \
      org.opencontainers.image.description="A gRPC inference mesh for Node, with CUDA 11.2 for TensorFlow.js" \
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
CMD ["services/generator/dist/main.js"]
