"""What NVIDIA's tritonclient does against the mesh, in each of its four flavours: grpc, grpc.aio, http, http.aio.

The four have the same calls, so the checks are written once: a value that can be awaited is awaited. Streams exist in the
two gRPC flavours only, and are called differently in each.
"""

import asyncio
import importlib
import inspect
import queue
import uuid

import numpy as np
from conformance_checks import Checks, contains, equal, holds, read_arguments
from tritonclient.utils import InferenceServerException

arguments = read_arguments()
flavour = arguments.flavour
over_grpc = flavour.startswith("grpc")
is_async = flavour.endswith(".aio")
triton = importlib.import_module(f"tritonclient.{flavour}")
checks = Checks(f"tritonclient.{flavour}")
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


client = Client(arguments.grpc if over_grpc else arguments.http)
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


# Health and metadata


@check("ServerLive ServerReady ModelReady", "is live and ready; a model and its version are ready, an unknown one is not")
def health():
    holds(client.is_server_live(), "not live")
    holds(client.is_server_ready(), "not ready")
    holds(client.is_model_ready("simple"), "simple is not ready")
    holds(client.is_model_ready("versions", "3"), "version 3 is not ready")
    holds(not client.is_model_ready("versions", "2"), "version 2, which the policy leaves out, is ready")
    try:
        ready = client.is_model_ready("nope")
    except InferenceServerException as error:
        contains(error.message(), "Request for unknown model")
    else:
        holds(not ready, "an unknown model is ready")


@check("ServerMetadata", "has name, version and the extensions that clients look for")
def server_metadata():
    metadata = client.get_server_metadata(**as_json)
    holds(metadata["name"] and metadata["version"], "no name or version")
    for extension in ["classification", "sequence", "model_repository", "schedule_policy", "model_configuration",
                      "binary_tensor_data", "parameters", "statistics", "trace", "logging"]:
        holds(extension in metadata.get("extensions", []), f"no extension {extension}: {metadata.get('extensions')}")


@check("ModelMetadata", "tells versions, platform, and shapes with the batch dimension before them")
def model_metadata():
    metadata = client.get_model_metadata("simple", **as_json)
    equal([metadata["name"], metadata["versions"], metadata["platform"]], ["simple", ["1"], "onnxruntime_onnx"])
    first = metadata["inputs"][0]
    equal([first["name"], first["datatype"], [int(d) for d in first["shape"]]], ["INPUT0", "INT32", [-1, 16]])
    equal([output["name"] for output in metadata["outputs"]], ["OUTPUT0", "OUTPUT1"])
    equal(sorted(client.get_model_metadata("versions", **as_json)["versions"]), ["1", "3"])
    equal(client.get_model_metadata("versions", "1", **as_json)["versions"], ["1"])


@check("ModelConfig", "gives the whole configuration, what was left out of the file too")
def model_config():
    config = client.get_model_config("batching", **as_json)
    config = config.get("config", config)
    equal([config["name"], config["max_batch_size"]], ["batching", 8])
    batching = config["dynamic_batching"]
    equal([int(size) for size in batching["preferred_batch_size"]], [4, 8])
    equal(int(batching["max_queue_delay_microseconds"]), 2000)
    equal([each["name"] for each in config["input"]], ["INPUT0", "INPUT1"])
    completed = client.get_model_config("completed", **as_json)
    completed = completed.get("config", completed)
    equal([each["name"] for each in completed["output"]], ["OUTPUT0", "OUTPUT1"])
    equal(completed["input"][0]["data_type"], "TYPE_INT32")


@check("ModelMetadata ModelConfig", "an unknown model is refused with Triton's words")
def unknown_metadata():
    refused(lambda: client.get_model_metadata("nope"), "Request for unknown model: 'nope'")
    refused(lambda: client.get_model_config("nope"), "Request for unknown model: 'nope'")


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
    text = ["", "plain", "nul\0inside", "žluťoučký", "日本語 🚀", "x" * 1000]
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
        "BF16": lambda: floats(np.float32),
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


# Statistics, repository, settings


def statistics(name="", version=""):
    answer = client.get_inference_statistics(name, version, **as_json)
    rows = answer.get("model_stats", [])
    return rows[-1] if name else rows


@check("ModelStatistics", "counts of requests, rows and runs grow by what was asked, with times and batch sizes")
def counted():
    before = statistics("simple")
    for rows in [1, 1, 4]:
        client.infer("simple", pair(rows=rows)[2])
    refused(lambda: client.infer("simple", pair()[2][:1]))
    after = statistics("simple")
    grown = lambda *path: number(after, *path) - number(before, *path)
    equal(grown("inference_stats", "success", "count"), 3, "requests answered")
    equal(grown("inference_stats", "fail", "count"), 1, "requests failed")
    equal(grown("inference_count"), 6, "rows")
    holds(1 <= grown("execution_count") <= 3, f"runs grew by {grown('execution_count')}")
    for part in ["queue", "compute_input", "compute_infer", "compute_output"]:
        equal(grown("inference_stats", part, "count"), 3, part)
    holds(grown("inference_stats", "compute_infer", "ns") > 0, "no time in compute_infer")
    holds(number(after, "last_inference") > 1_600_000_000_000, "last_inference is no time in milliseconds")
    holds({1, 4} <= {int(row["batch_size"]) for row in after["batch_stats"]}, f"batch sizes: {after['batch_stats']}")


def number(stats, *path):
    for key in path:
        stats = stats.get(key, {})
    return int(stats or 0)


@check("ModelStatistics", "of all models where none is named; of one version")
def all_statistics():
    names = {row["name"] for row in statistics()}
    holds({"simple", "batching", "identity_fp32"} <= names, f"only {sorted(names)}")
    equal(statistics("versions", "1")["version"], "1")
    refused(lambda: client.get_inference_statistics("nope"), "Request for unknown model")


def index():
    answer = client.get_model_repository_index(**as_json)
    return answer.get("models", []) if isinstance(answer, dict) else answer


@check("RepositoryIndex", "has a row for each name and version, with its state")
def repository_index():
    rows = {(row["name"], row.get("version", "")): row["state"] for row in index()}
    for key in [("simple", "1"), ("versions", "1"), ("versions", "3"), ("repeat_int32", "1"), ("ensemble_add_sub", "1")]:
        equal(rows.get(key), "READY", str(key))
    holds(("versions", "2") not in rows or rows[("versions", "2")] != "READY", "version 2 is READY")


@check("RepositoryModelUnload RepositoryModelLoad", "a model is unloaded on all replicas, refuses, and serves again once loaded")
def load_and_unload():
    a, b, inputs = pair()
    client.unload_model("togglable")
    holds(not client.is_model_ready("togglable"), "it is ready after the unload")
    refused(lambda: client.infer("togglable", inputs))
    client.load_model("togglable")
    holds(client.is_model_ready("togglable"), "it is not ready after the load")
    for _ in range(4):
        same(client.infer("togglable", inputs).as_numpy("OUTPUT0"), a + b)


@check("RepositoryModelLoad ModelConfig", "a load with a configuration of its own")
def load_with_config():
    try:
        client.load_model("togglable", config='{"platform": "onnxruntime_onnx", "max_batch_size": 4}')
        config = client.get_model_config("togglable", **as_json)
        equal(config.get("config", config)["max_batch_size"], 4)
    finally:
        client.load_model("togglable")
    config = client.get_model_config("togglable", **as_json)
    equal(config.get("config", config)["max_batch_size"], 8)


@check("RepositoryModelLoad RepositoryModelUnload", "a load with the model's file: it serves on all replicas, and goes")
def load_with_file():
    name = f"sent_{flavour.replace('.', '_')}"
    with open(arguments.model_file, "rb") as file:
        content = file.read()
    client.load_model(name, config='{"backend": "onnxruntime", "max_batch_size": 8}', files={"file:1/model.onnx": content})
    zero = tensor("INPUT0", "INT32", np.zeros((1, 4), np.int32))
    for _ in range(4):
        same(client.infer(name, [zero]).as_numpy("OUTPUT0"), np.full((1, 4), 7, np.int32))
    client.unload_model(name)
    holds(not client.is_model_ready(name), "it is ready after the unload")


@check("RepositoryModelLoad", "a model that nobody has: `failed to load 'nope', failed to poll from model repository`")
def load_unknown():
    refused(lambda: client.load_model("nope"), "failed to load 'nope'", "failed to poll from model repository")


@check("LogSettings", "are told, and the level changes")
def log_settings():
    settings = lambda: client.get_log_settings(**as_json)
    holds("log_verbose_level" in str(settings()), f"no log_verbose_level in {settings()}")
    client.update_log_settings({"log_verbose_level": 1}, **as_json)
    contains(str(settings()), "1")
    client.update_log_settings({"log_verbose_level": 0}, **as_json)
    refused(lambda: client.update_log_settings({"nonsense": True}))


@check("LogSettings", "a log file is refused: no path is taken from a request")
def log_file():
    refused(lambda: client.update_log_settings({"log_file": "/tmp/weft-conformance.log"}))


@check("TraceSetting", "are told, and the rate changes")
def trace_settings():
    holds("trace_rate" in str(client.get_trace_settings(**as_json)), "no trace_rate")
    client.update_trace_settings(settings={"trace_rate": "500"}, **as_json)
    contains(str(client.get_trace_settings(**as_json)), "500")
    client.update_trace_settings(settings={"trace_rate": None}, **as_json)


# Shared memory: a router refuses; a service that has it switched on reads and writes


@check("SystemSharedMemoryRegister", "a router refuses it, and says who may offer it")
def router_memory():
    refused(lambda: client.register_system_shared_memory("r", "/r", 64), "shared memory")


@check("CudaSharedMemoryRegister", "is refused in clear words")
def cuda_memory():
    refused(lambda: client.register_cuda_shared_memory("r", b"aGFuZGxl", 0, 64), "CUDA")


@check("SystemSharedMemoryRegister SystemSharedMemoryStatus SystemSharedMemoryUnregister ModelInfer",
       "a service reads inputs from it, writes outputs to it, and lists its regions", only_if=over_grpc)
def system_memory():
    import tritonclient.utils.shared_memory as memory

    service = Client(arguments.service)
    a, b, inputs = pair()
    size = a.nbytes
    given = memory.create_shared_memory_region("given", f"/weft_given_{uuid.uuid4().hex}", 2 * size)
    taken = memory.create_shared_memory_region("taken", f"/weft_taken_{uuid.uuid4().hex}", 2 * size)
    try:
        memory.set_shared_memory_region(given, [a, b])
        service.unregister_system_shared_memory()
        service.register_system_shared_memory("given", given._shm_key, 2 * size)
        service.register_system_shared_memory("taken", taken._shm_key, 2 * size)
        equal(set(service.get_system_shared_memory_status(as_json=True)["regions"]), {"given", "taken"})
        inputs = [triton.InferInput(name, [1, 16], "INT32") for name in ("INPUT0", "INPUT1")]
        outputs = wanted("OUTPUT0", "OUTPUT1")
        for at, (each, output) in enumerate(zip(inputs, outputs)):
            each.set_shared_memory("given", size, offset=at * size)
            output.set_shared_memory("taken", size, offset=at * size)
        service.infer("simple", inputs, outputs=outputs)
        same(memory.get_contents_as_numpy(taken, np.int32, [1, 16]), a + b)
        same(memory.get_contents_as_numpy(taken, np.int32, [1, 16], offset=size), a - b)
        refused(lambda: service.register_system_shared_memory("x", "/../etc/passwd", 8))
        inputs[0].set_shared_memory("given", size, offset=2 * size)
        refused(lambda: service.infer("simple", inputs))
    finally:
        service.unregister_system_shared_memory()
        memory.destroy_shared_memory_region(given)
        memory.destroy_shared_memory_region(taken)


# Sequences

sequence_ids = iter(range(1000 + abs(hash(uuid.uuid4())) % 1_000_000_000, 10**12))


def fresh_id():
    return next(sequence_ids)


def in_sequence(model, sequence, values, pick=0):
    answers = []
    for at, value in enumerate(values):
        kind = np.float32 if model == "sequence_controls" else np.int32
        inputs = [tensor("INPUT", "FP32" if kind is np.float32 else "INT32", np.array([[value]], kind))]
        result = client.infer(model, inputs, sequence_id=sequence, sequence_start=at == 0,
                              sequence_end=at == len(values) - 1)
        answers.append(list(result.as_numpy("OUTPUT")[0]))
    return answers


@check("ModelInfer", "sequences keep their state: ids that are numbers, and ids that are text")
def sequences():
    values = [11, 7, 5, 3, 2, 0, 1]
    sums = [[int(each)] for each in np.cumsum(values)]
    for sequence in [fresh_id(), f"text-{uuid.uuid4()}"]:
        equal(in_sequence("simple_sequence", sequence, values), sums)


@check("ModelInfer", "sequences under the strategy `oldest`, with their id as a control input")
def oldest_sequences():
    sequence = fresh_id() % 1_000_000
    equal(in_sequence("simple_dyna_sequence", sequence, [1, 2, 3]), [[1], [3], [6 + sequence]])


@check("ModelInfer", "START, END and READY reach the model as control inputs")
def controls():
    equal(in_sequence("sequence_controls", fresh_id(), [5, 6, 7]), [[5, 1, 0, 1], [6, 0, 0, 1], [7, 0, 1, 1]])


@check("ModelInfer", "a request of no sequence to a model of sequences is refused")
def no_sequence():
    inputs = [tensor("INPUT", "INT32", np.zeros((1, 1), np.int32))]
    refused(lambda: client.infer("simple_sequence", inputs), "simple_sequence", status="INVALID_ARGUMENT")


# Streams


def stream(requests, headers=None):
    """Sends them all on one stream; the results and errors in the order of their arrival, until the stream has ended."""
    if is_async:

        async def talk():
            async def each():
                for request in requests:
                    yield dict(request)

            answers = []
            async for result, error in client.bare.stream_infer(each(), headers=headers):
                answers.append((result, error))
            return answers

        return settled(talk())
    answers = []
    bare = connect(arguments.grpc)
    bare.start_stream(callback=lambda result, error: answers.append((result, error)), headers=headers)
    for request in requests:
        bare.async_stream_infer(**request)
    bare.stop_stream()
    return answers


def repeated(values, delays_ms, wait_ms=0):
    return [
        tensor("IN", "INT32", np.array(values, np.int32)),
        tensor("DELAY", "UINT32", np.array(delays_ms, np.uint32)),
        tensor("WAIT", "UINT32", np.array([wait_ms], np.uint32)),
    ]


@check("ModelStreamInfer", "100 requests on one stream are answered in their order", only_if=over_grpc)
def stream_order():
    requests = []
    for at in range(100):
        value = np.full((1, 16), at, np.int32)
        inputs = [tensor("INPUT0", "INT32", value), tensor("INPUT1", "INT32", value)]
        requests.append({"model_name": "batching", "inputs": inputs, "request_id": str(at)})
    answers = stream(requests)
    equal([error for _, error in answers if error is not None], [])
    equal([result.get_response().id for result, _ in answers], [str(at) for at in range(100)])
    equal([int(result.as_numpy("OUTPUT0")[0][0]) for result, _ in answers], [2 * at for at in range(100)])


@check("ModelStreamInfer", "an error is told in the stream, which goes on", only_if=over_grpc)
def stream_error():
    good = {"model_name": "simple", "inputs": pair()[2], "request_id": "good"}
    bad = {"model_name": "simple", "inputs": pair()[2][:1], "request_id": "bad"}
    answers = stream([good, bad, good])
    errors = [error for _, error in answers if error is not None]
    equal([len(answers), len(errors)], [3, 1])
    contains(errors[0].message(), "expected 2 inputs but got 1 inputs for model 'simple'")


@check("ModelStreamInfer", "with triton_grpc_error the first error ends the stream with its status", only_if=over_grpc)
def stream_status():
    bad = {"model_name": "nope", "inputs": pair()[2]}
    try:
        answers = stream([bad], headers={"triton_grpc_error": "true"})
        errors = [error for _, error in answers if error is not None]
        equal(len(errors), 1)
        error = errors[0]
    except InferenceServerException as thrown:
        error = thrown
    contains(error.message(), "Request for unknown model")
    equal(error.status(), "StatusCode.NOT_FOUND")


@check("ModelStreamInfer", "Triton's decoupled repeat: a response for each element, in their order", only_if=over_grpc)
def decoupled():
    values = [4, 2, 0, 1]
    request = {"model_name": "repeat_int32", "inputs": repeated(values, [1, 2, 3, 4]), "request_id": "r"}
    answers = stream([request])
    equal([error for _, error in answers if error is not None], [])
    equal([int(result.as_numpy("OUT")[0]) for result, _ in answers], values)
    equal([int(result.as_numpy("IDX")[0]) for result, _ in answers], [0, 1, 2, 3])


@check("ModelStreamInfer", "the end of a decoupled answer: an empty response, where it was asked for", only_if=over_grpc)
def final_response():
    final = lambda result: result.get_response().parameters["triton_final_response"].bool_param
    for values in [[4, 2], []]:
        request = {"model_name": "repeat_int32", "inputs": repeated(values, [0] * len(values)), "request_id": "r",
                   "enable_empty_final_response": True}
        results = [result for result, error in stream([request]) if error is None]
        equal([final(result) for result in results], [False] * len(values) + [True])
        equal([len(results[-1].get_response().outputs), results[-1].get_response().id], [0, "r"])
    plain = {"model_name": "simple", "inputs": pair()[2], "enable_empty_final_response": True}
    equal([final(result) for result, _ in stream([plain])], [True])


@check("ModelStreamInfer", "decoupled requests on one stream do not wait for one another", only_if=over_grpc)
def interleaved():
    slow = {"model_name": "repeat_int32", "inputs": repeated([1, 2, 3], [300, 300, 300]), "request_id": "slow"}
    quick = {"model_name": "simple", "inputs": pair()[2], "request_id": "quick"}
    answers = stream([slow, quick])
    equal([error for _, error in answers if error is not None], [])
    ids = [result.get_response().id for result, _ in answers]
    equal(sorted(ids), ["quick", "slow", "slow", "slow"])
    equal(ids[0], "quick", "the first answer")


@check("ModelStreamInfer", "Triton's example of two sequences on one stream", only_if=over_grpc)
def stream_sequences():
    values = [11, 7, 5, 3, 2, 0, 1]
    for model in ["simple_sequence", "simple_dyna_sequence"]:
        first, second = fresh_id() % 1_000_000, fresh_id() % 1_000_000
        requests = []
        for sequence, sign in [(first, 1), (second, -1)]:
            for at, value in enumerate([0] + values):
                array = np.array([[sign * value + (100 if sign < 0 and at == 0 else 0)]], np.int32)
                requests.append({
                    "model_name": model, "inputs": [tensor("INPUT", "INT32", array)], "request_id": f"{sequence}_{at}",
                    "sequence_id": sequence, "sequence_start": at == 0, "sequence_end": at == len(values),
                })
        answers = stream(requests)
        equal([error for _, error in answers if error is not None], [])
        got = {result.get_response().id: int(result.as_numpy("OUTPUT")[0][0]) for result, _ in answers}
        added = lambda sequence, at: sequence if model == "simple_dyna_sequence" and at == len(values) else 0
        for at in range(len(values) + 1):
            total = sum(values[:at])
            equal(got[f"{first}_{at}"], total + added(first, at), f"{model} {at}")
            equal(got[f"{second}_{at}"], 100 - total + added(second, at), f"{model} {at}")


checks.run()
if is_async:
    settled(client.bare.close())
else:
    client.bare.close()
