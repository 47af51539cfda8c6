"""The model as a Ray Serve deployment with @serve.batch, ended when standard input closes: the bench holds the other end.

Usage: app.py MODEL PROXY_PORT TEMPORARY_FOLDER MAX_BATCH_SIZE BATCH_WAIT_MS
"""

import os
import sys

import numpy as np
import onnxruntime
import ray
from ray import serve
from ray.serve.config import HTTPOptions
from starlette.requests import Request
from starlette.responses import Response

model, proxy_port, folder, max_batch_size, batch_wait_ms = sys.argv[1:]


@serve.deployment(num_replicas=1, max_ongoing_requests=256, ray_actor_options={"num_cpus": 1})
class Encoder:
    def __init__(self, file: str, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])

    @serve.batch(max_batch_size=int(max_batch_size), batch_wait_timeout_s=float(batch_wait_ms) / 1000)
    async def infer(self, rows: list[np.ndarray]) -> list[np.ndarray]:
        (answers,) = self._session.run(["y"], {"x": np.stack(rows)})
        return list(answers)

    async def __call__(self, request: Request) -> Response:
        answer = await self.infer(np.frombuffer(await request.body(), np.float32))
        return Response(answer.tobytes(), media_type="application/octet-stream")


ray.init(
    _node_ip_address="127.0.0.1",
    _temp_dir=folder,
    include_dashboard=False,
    log_to_driver=False,
    num_cpus=2,
    object_store_memory=100 * 1024 * 1024,
)
serve.start(http_options=HTTPOptions(host="127.0.0.1", port=int(proxy_port)))
serve.run(Encoder.bind(model, int(os.environ["BENCH_THREADS"])), route_prefix="/")
sys.stdin.read()
serve.shutdown()
ray.shutdown()
