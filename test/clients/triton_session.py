"""The tritonclient that is looked at, in one of its four flavours (grpc, grpc.aio, http, http.aio), and what all checks need.

The four have the same calls, so the checks are written once: a value that can be awaited is awaited.
"""

import asyncio
import importlib
import inspect
import uuid

import ml_dtypes
import numpy as np
from conformance_checks import Checks, contains, equal, holds, read_arguments
from tritonclient.utils import InferenceServerException

arguments = read_arguments()
flavour = arguments.flavour
over_grpc = flavour.startswith("grpc")
is_async = flavour.endswith(".aio")
triton = importlib.import_module(f"tritonclient.{flavour}")
direct = arguments.direct
checks = Checks(f"tritonclient.{flavour}" + (", to a service" if direct else ""))
check = checks.check

loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)


def settled(value):
    return loop.run_until_complete(value) if inspect.isawaitable(value) else value


def connect(address):
    async def connected():
        return triton.InferenceServerClient(address)

    return settled(connected()) if is_async else triton.InferenceServerClient(address)


class Client:
    """A client whose calls have ended when they return."""

    def __init__(self, address):
        self.bare = connect(address)

    def __getattr__(self, name):
        method = getattr(self.bare, name)
        return lambda *args, **options: settled(method(*args, **options))


address = arguments.service if direct else arguments.grpc if over_grpc else arguments.http
client = Client(address)
as_json = {"as_json": True} if over_grpc else {}


def tensor(name, datatype, array, **options):
    made = triton.InferInput(name, list(array.shape), datatype)
    made.set_data_from_numpy(array, **options)
    return made


def wanted(*names, **options):
    return [triton.InferRequestedOutput(name, **options) for name in names]


def pair(rows=1, datatype="INT32"):
    a = np.arange(16 * rows, dtype=np.int32).reshape(rows, 16)
    b = np.full((rows, 16), 3, dtype=np.int32)
    if datatype == "BYTES":
        text = lambda values: np.array([str(v).encode() for v in values.flatten()], dtype=np.object_).reshape(values.shape)
        return a, b, [tensor("INPUT0", datatype, text(a)), tensor("INPUT1", datatype, text(b))]
    return a, b, [tensor("INPUT0", datatype, a), tensor("INPUT1", datatype, b)]


def same(actual, expected):
    holds(actual is not None, "there is no such output")
    equal(list(actual.shape), list(expected.shape), "shape")
    if actual.dtype == ml_dtypes.bfloat16:
        actual, expected = actual.astype(np.float32), expected.astype(np.float32)
    holds(np.array_equal(actual, expected, equal_nan=actual.dtype.kind == "f"), f"got {actual}, expected {expected}")


def refused(call, *parts, status=None):
    try:
        call()
    except InferenceServerException as error:
        for part in parts:
            contains(error.message(), part)
        if status is not None and over_grpc:
            equal(error.status(), f"StatusCode.{status}", "status")
        return error
    raise AssertionError("it was not refused")


def statistics(name="", version=""):
    answer = client.get_inference_statistics(name, version, **as_json)
    rows = answer.get("model_stats", [])
    return rows[-1] if name else rows


def number(stats, *path):
    for key in path:
        stats = stats.get(key, {})
    return int(stats or 0)


def index():
    answer = client.get_model_repository_index(**as_json)
    return answer.get("models", []) if isinstance(answer, dict) else answer


def repeated(values, delays_ms, wait_ms=0):
    return [
        tensor("IN", "INT32", np.array(values, np.int32)),
        tensor("DELAY", "UINT32", np.array(delays_ms, np.uint32)),
        tensor("WAIT", "UINT32", np.array([wait_ms], np.uint32)),
    ]


sequence_ids = iter(range(1000 + abs(hash(uuid.uuid4())) % 1_000_000_000, 10**12))


def fresh_id():
    return next(sequence_ids)
