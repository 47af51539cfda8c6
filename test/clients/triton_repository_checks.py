"""Health, metadata, configuration, statistics, the repository, settings and shared memory with tritonclient."""

import uuid

import numpy as np
from conformance_checks import contains, equal, holds
from tritonclient.utils import InferenceServerException
from triton_session import (
    Client, arguments, as_json, check, client, direct, flavour, index, number, over_grpc, pair, refused, same, statistics, tensor, triton,
    wanted,
)


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


# Statistics, repository, settings


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
    # A replica that has been slow is tried with copies of requests: they are runs too.
    holds(1 <= grown("execution_count") <= 6, f"runs grew by {grown('execution_count')}")
    for part in ["queue", "compute_input", "compute_infer", "compute_output"]:
        equal(grown("inference_stats", part, "count"), 3, part)
    holds(grown("inference_stats", "compute_infer", "ns") > 0, "no time in compute_infer")
    holds(number(after, "last_inference") > 1_600_000_000_000, "last_inference is no time in milliseconds")
    holds({1, 4} <= {int(row["batch_size"]) for row in after["batch_stats"]}, f"batch sizes: {after['batch_stats']}")


@check("ModelStatistics", "of all models where none is named; of one version")
def all_statistics():
    names = {row["name"] for row in statistics()}
    holds({"simple", "batching", "identity_fp32"} <= names, f"only {sorted(names)}")
    equal(statistics("versions", "1")["version"], "1")
    refused(lambda: client.get_inference_statistics("nope"), "Request for unknown model")


@check("RepositoryIndex", "has a row for each name and version, with its state")
def repository_index():
    rows = {(row["name"], row.get("version", "")): row["state"] for row in index()}
    for key in [("simple", "1"), ("versions", "1"), ("versions", "3"), ("repeat_int32", "1"), ("ensemble_add_sub", "1")]:
        equal(rows.get(key), "READY", str(key))
    holds(("versions", "2") not in rows or rows[("versions", "2")] != "READY", "version 2 is READY")


@check("RepositoryModelUnload RepositoryModelLoad", "a model is unloaded on all replicas, refuses, and serves again once loaded",
       only_if=not direct)
def load_and_unload():
    a, b, inputs = pair()
    client.unload_model("togglable")
    holds(not client.is_model_ready("togglable"), "it is ready after the unload")
    refused(lambda: client.infer("togglable", inputs))
    client.load_model("togglable")
    holds(client.is_model_ready("togglable"), "it is not ready after the load")
    for _ in range(4):
        same(client.infer("togglable", inputs).as_numpy("OUTPUT0"), a + b)


@check("RepositoryModelLoad ModelConfig", "a load with a configuration of its own",
       only_if=not direct)
def load_with_config():
    try:
        client.load_model("togglable", config='{"platform": "onnxruntime_onnx", "max_batch_size": 4}')
        config = client.get_model_config("togglable", **as_json)
        equal(config.get("config", config)["max_batch_size"], 4)
    finally:
        client.load_model("togglable")
    config = client.get_model_config("togglable", **as_json)
    equal(config.get("config", config)["max_batch_size"], 8)


@check("RepositoryModelLoad RepositoryModelUnload", "a load with the model's file: it serves on all replicas, and goes",
       only_if=not direct)
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


@check("RepositoryModelLoad", "a model that nobody has: `failed to load 'nope', failed to poll from model repository`",
       only_if=not direct)
def load_unknown():
    refused(lambda: client.load_model("nope"), "failed to load 'nope'", "failed to poll from model repository")


@check("RepositoryModelLoad RepositoryModelUnload", "a service refuses both, and says that the router takes them", only_if=direct)
def load_at_service():
    refused(lambda: client.load_model("togglable"), "router")
    refused(lambda: client.unload_model("togglable"), "router")


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


@check("SystemSharedMemoryRegister", "a router refuses it, and says who may offer it",
       only_if=not direct)
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
