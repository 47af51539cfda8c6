"""Inference with tritonclient: datatypes, outputs, batches, versions, classes, ensembles, the cache; and what is refused."""

import asyncio
import queue
import uuid

import ml_dtypes
import numpy as np
from conformance_checks import contains, equal, holds
from triton_session import (
    arguments, as_json, check, client, flavour, fresh_id, index, over_grpc, pair, refused, repeated, same, settled, statistics,
    tensor, triton, wanted,
)


# Inference


@check("ModelInfer", "adds and subtracts, as in the quick start, and echoes id, model and version")
def simple():
    a, b, inputs = pair()
    result = client.infer("simple", inputs, outputs=wanted("OUTPUT0", "OUTPUT1"), request_id="my-id")
    same(result.as_numpy("OUTPUT0"), a + b)
    same(result.as_numpy("OUTPUT1"), a - b)
    response = result.get_response(**as_json)
    equal([response["model_name"], response["model_version"], response["id"]], ["simple", "1", "my-id"])


@check("ModelInfer", "all outputs where none is asked for; one alone where one is")
def outputs():
    a, b, inputs = pair()
    everything = client.infer("simple", inputs)
    same(everything.as_numpy("OUTPUT0"), a + b)
    same(everything.as_numpy("OUTPUT1"), a - b)
    one = client.infer("simple", inputs, outputs=wanted("OUTPUT1"))
    same(one.as_numpy("OUTPUT1"), a - b)
    holds(one.as_numpy("OUTPUT0") is None, "OUTPUT0 came unasked")


@check("ModelInfer", "numbers as text: Triton's simple_string")
def text_numbers():
    a, b, inputs = pair(datatype="BYTES")
    result = client.infer("simple_string", inputs)
    as_numbers = lambda name: np.array([int(v) for v in result.as_numpy(name).flatten()]).reshape(1, 16)
    same(as_numbers("OUTPUT0"), a + b)
    same(as_numbers("OUTPUT1"), a - b)


def samples(datatype):
    # Not NUL, which onnxruntime's strings for Node cannot hold.
    text = ["", "plain", "line\nbreak", "žluťoučký", "日本語 🚀", "x" * 1000]
    integers = lambda kind: [np.iinfo(kind).min, 0, 1, np.iinfo(kind).max]
    floats = lambda kind: np.array([0, -0.0, 1.5, -2.25, np.inf, -np.inf, np.nan], dtype=kind)
    return {
        "BOOL": lambda: np.array([True, False, True]),
        "UINT8": lambda: np.array(integers(np.uint8), np.uint8),
        "UINT16": lambda: np.array(integers(np.uint16), np.uint16),
        "UINT32": lambda: np.array(integers(np.uint32), np.uint32),
        "UINT64": lambda: np.array(integers(np.uint64), np.uint64),
        "INT8": lambda: np.array(integers(np.int8), np.int8),
        "INT16": lambda: np.array(integers(np.int16), np.int16),
        "INT32": lambda: np.array(integers(np.int32), np.int32),
        "INT64": lambda: np.array(integers(np.int64), np.int64),
        "FP16": lambda: floats(np.float16),
        "FP32": lambda: floats(np.float32),
        "FP64": lambda: floats(np.float64),
        "BF16": lambda: floats(ml_dtypes.bfloat16),
        "BYTES": lambda: np.array([each.encode() for each in text], dtype=np.object_),
    }[datatype]()


for datatype in ["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64",
                 "BF16", "BYTES"]:

    @check("ModelInfer", f"{datatype} comes back as it was sent, in raw bytes: edge values, two rows, and none")
    def raw(datatype=datatype):
        row = samples(datatype)
        model = f"identity_{datatype.lower()}"
        for array in [row.reshape(1, -1), np.stack([row, row[::-1]]), row[:0].reshape(1, 0)]:
            result = client.infer(model, [tensor("INPUT0", datatype, array)])
            same(result.as_numpy("OUTPUT0"), array)

    @check("ModelInfer", f"{datatype} as JSON, both ways", only_if=not over_grpc and datatype not in ("FP16", "BF16"))
    def as_text(datatype=datatype):
        row = samples(datatype)
        if datatype == "BYTES":
            row = np.array([each.decode() for each in row], dtype=np.object_)
        if row.dtype.kind == "f":
            row = row[np.isfinite(row)]
        array = row.reshape(1, -1)
        inputs = [tensor("INPUT0", datatype, array, binary_data=False)]
        result = client.infer(f"identity_{datatype.lower()}", inputs, outputs=wanted("OUTPUT0", binary_data=False))
        got = result.as_numpy("OUTPUT0")
        holds(np.array_equal(got.astype(array.dtype), array), f"got {got}, expected {array}")


@check("ModelInfer", "BYTES with NULs and no UTF-8, in a model of Triton's identity backend")
def any_text():
    array = np.array([[b"nul\0inside", b"\xff\xfe", b"\0"]], dtype=np.object_)
    same(client.infer("identity_any_text", [tensor("INPUT0", "BYTES", array)]).as_numpy("OUTPUT0"), array)


@check("ModelInfer", "Triton's simple_identity: text of any length")
def identity_text():
    array = np.array([["a", "bc", ""], ["d", "e", "f" * 70000]], dtype=np.object_)
    got = client.infer("simple_identity", [tensor("INPUT0", "BYTES", array)]).as_numpy("OUTPUT0")
    equal([each.decode() for each in got.flatten()], list(array.flatten()))


@check("ModelInfer", "a tensor of 16 MB")
def large():
    array = np.random.default_rng(1).random((1, 4 << 20), dtype=np.float32)
    same(client.infer("identity_fp32", [tensor("INPUT0", "FP32", array)]).as_numpy("OUTPUT0"), array)


@check("ModelInfer", "a request of several rows, and many at once, each with its own answer")
def batches():
    a, b, inputs = pair(rows=8)
    same(client.infer("batching", inputs).as_numpy("OUTPUT0"), a + b)
    if flavour == "grpc":
        answers = queue.Queue()
        for at in range(32):
            c = np.full((1, 16), at, np.int32)
            inputs = [tensor("INPUT0", "INT32", c), tensor("INPUT1", "INT32", c)]
            client.bare.async_infer("batching", inputs, lambda result, error: answers.put((result, error)), request_id=str(at))
        for _ in range(32):
            result, error = answers.get(timeout=20)
            holds(error is None, str(error))
            holds(int(result.as_numpy("OUTPUT0")[0][0]) == 2 * int(result.get_response().id), "another one's answer")
    elif flavour == "http":
        waiting = []
        with triton.InferenceServerClient(arguments.http, concurrency=8) as many:
            for at in range(32):
                c = np.full((1, 16), at, np.int32)
                waiting.append(many.async_infer("batching", [tensor("INPUT0", "INT32", c), tensor("INPUT1", "INT32", c)]))
            for at, one in enumerate(waiting):
                equal(int(one.get_result(timeout=20).as_numpy("OUTPUT0")[0][0]), 2 * at)
    else:

        async def one(at):
            c = np.full((1, 16), at, np.int32)
            result = await client.bare.infer("batching", [tensor("INPUT0", "INT32", c), tensor("INPUT1", "INT32", c)])
            return int(result.as_numpy("OUTPUT0")[0][0])

        async def all_of_them():
            return await asyncio.gather(*(one(at) for at in range(32)))

        equal(settled(all_of_them()), [2 * at for at in range(32)])


@check("ModelInfer", "a version by its number, the newest where none is named")
def versions():
    zero = tensor("INPUT0", "INT32", np.zeros((1, 4), np.int32))
    for version, expected, served in [("1", 1, "1"), ("3", 3, "3"), ("", 3, "3")]:
        result = client.infer("versions", [zero], model_version=version)
        same(result.as_numpy("OUTPUT0"), np.full((1, 4), expected, np.int32))
        equal(result.get_response(**as_json)["model_version"], served)


@check("ModelInfer", "classification: the best classes with their labels")
def classification():
    scores = np.array([[0.1, 0.5, 0.3, 0.2], [9, 1, 2, 3]], np.float32)
    result = client.infer("classifier", [tensor("INPUT0", "FP32", scores)], outputs=wanted("OUTPUT0", class_count=2))
    rows = [[each.decode().split(":") for each in row] for row in result.as_numpy("OUTPUT0")]
    equal([[(at, label) for _, at, label in row] for row in rows],
          [[("1", "dog"), ("2", "bird")], [("0", "cat"), ("3", "fish")]])
    holds(abs(float(rows[0][0][0]) - 0.5) < 1e-5, f"the score is {rows[0][0][0]}")


@check("ModelInfer", "an ensemble of two steps")
def ensemble():
    a, b, inputs = pair(rows=2)
    result = client.infer("ensemble_add_sub", inputs, request_id="e")
    same(result.as_numpy("OUTPUT0"), 2 * a)
    same(result.as_numpy("OUTPUT1"), 2 * b)
    equal(result.get_response(**as_json)["model_name"], "ensemble_add_sub")


@check("ModelInfer ModelStatistics", "the response cache answers a repeated request, and counts it")
def cache():
    before = statistics("cached")
    array = np.random.default_rng(abs(hash(uuid.uuid4())) % 2**32).integers(0, 1000, (1, 16), dtype=np.int32)
    inputs = [tensor("INPUT0", "INT32", array), tensor("INPUT1", "INT32", array)]
    for at in range(3):
        result = client.infer("cached", inputs, request_id=str(at))
        same(result.as_numpy("OUTPUT0"), 2 * array)
        equal(result.get_response(**as_json)["id"], str(at))
    after = statistics("cached")
    hits = lambda stats: int(stats["inference_stats"].get("cache_hit", {}).get("count", 0))
    equal(hits(after) - hits(before), 2, "cache hits")


@check("ModelInfer", "priority, timeout and parameters of one's own are taken")
def parameters():
    a, b, inputs = pair()
    result = client.infer("batching", inputs, priority=1, timeout=5_000_000, parameters={"mine": "x", "count": 3, "on": True})
    same(result.as_numpy("OUTPUT0"), a + b)


@check("ModelInfer", "gzip and deflate")
def compression():
    a, b, inputs = pair()
    for algorithm in ["gzip", "deflate"]:
        options = (
            {"compression_algorithm": algorithm}
            if over_grpc
            else {"request_compression_algorithm": algorithm, "response_compression_algorithm": algorithm}
        )
        same(client.infer("simple", inputs, **options).as_numpy("OUTPUT0"), a + b)


@check("ModelInfer", "a client's own time limit ends the call", only_if=over_grpc)
def client_timeout():
    _, _, inputs = pair()
    refused(lambda: client.infer("simple", inputs, client_timeout=0.0000001), status="DEADLINE_EXCEEDED")


@check("ModelInfer", "a cancelled call ends as cancelled", only_if=flavour == "grpc")
def cancel():
    answers = queue.Queue()
    array = np.zeros((1, 2 << 20), np.float32)
    call = client.bare.async_infer("identity_fp32", [tensor("INPUT0", "FP32", array)],
                                   lambda result, error: answers.put(error))
    call.cancel()
    error = answers.get(timeout=10)
    holds(error is not None, "it was answered")
    equal(error.status(), "StatusCode.CANCELLED")


# Errors


@check("ModelInfer", "an unknown model or version: `Request for unknown model`, NOT_FOUND")
def unknown_model():
    _, _, inputs = pair()
    refused(lambda: client.infer("nope", inputs), "Request for unknown model: 'nope'", status="NOT_FOUND")
    refused(lambda: client.infer("simple", inputs, model_version="9"), "Request for unknown model", status="NOT_FOUND")


@check("ModelInfer", "a wrong shape: `unexpected shape for input 'INPUT0' for model 'simple'. Expected [-1,16], got [1,8]`")
def wrong_shape():
    inputs = [tensor(name, "INT32", np.zeros((1, 8), np.int32)) for name in ("INPUT0", "INPUT1")]
    text = "unexpected shape for input 'INPUT0' for model 'simple'. Expected [-1,16], got [1,8]"
    refused(lambda: client.infer("simple", inputs), text, status="INVALID_ARGUMENT")


@check("ModelInfer", "a wrong datatype: `inference input 'INPUT0' data-type is 'FP32'`")
def wrong_datatype():
    inputs = [tensor(name, "FP32", np.zeros((1, 16), np.float32)) for name in ("INPUT0", "INPUT1")]
    refused(lambda: client.infer("simple", inputs), "INPUT0", "FP32", "INT32", status="INVALID_ARGUMENT")


@check("ModelInfer", "too few inputs: `expected 2 inputs but got 1 inputs for model 'simple'`")
def missing_input():
    _, _, inputs = pair()
    text = "expected 2 inputs but got 1 inputs for model 'simple'"
    refused(lambda: client.infer("simple", inputs[:1]), text, status="INVALID_ARGUMENT")


@check("ModelInfer", "an output that there is not: `unexpected inference output 'NOPE' for model 'simple'`")
def unknown_output():
    _, _, inputs = pair()
    text = "unexpected inference output 'NOPE' for model 'simple'"
    refused(lambda: client.infer("simple", inputs, outputs=wanted("NOPE")), text, status="INVALID_ARGUMENT")


@check("ModelInfer", "too few bytes: `input byte size mismatch for input 'INPUT0' for model 'simple'. Expected 128, got 64`")
def wrong_size():
    _, _, inputs = pair()
    for each in inputs:
        each.set_shape([2, 16])
    text = "input byte size mismatch for input 'INPUT0' for model 'simple'. Expected 128, got 64"
    refused(lambda: client.infer("simple", inputs), text, status="INVALID_ARGUMENT")


@check("ModelInfer", "more rows than max_batch_size are answered whole (Triton refuses them)")
def oversized():
    a, b, inputs = pair(rows=20)
    same(client.infer("simple", inputs).as_numpy("OUTPUT0"), a + b)


@check("ModelInfer", "a decoupled model outside of a stream: `doesn't support models with decoupled transaction policy`")
def decoupled_unary():
    text = "doesn't support models with decoupled transaction policy"
    refused(lambda: client.infer("repeat_int32", repeated([1], [0])), text, status="UNIMPLEMENTED")


@check("ModelInfer", "a sequence without a start: `must specify the START flag`")
def no_start():
    inputs = [tensor("INPUT", "INT32", np.zeros((1, 1), np.int32))]
    refused(lambda: client.infer("simple_sequence", inputs, sequence_id=fresh_id()), "must specify the START flag",
            status="INVALID_ARGUMENT")


@check("ModelInfer", "a model of a sort that weft has no backend for: it is not ready, and the reason is in the index")
def unsupported():
    _, _, inputs = pair()
    refused(lambda: client.infer("unsupported", inputs), "is not at ready state", status="UNAVAILABLE")
    row = next(row for row in index() if row["name"] == "unsupported")
    equal(row["state"], "UNAVAILABLE")
    contains(row["reason"], "python")
