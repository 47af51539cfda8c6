"""What KServe's inference clients (gRPC and REST) do against the mesh, and KServe's own form of load and unload."""

import asyncio
import logging

import grpc
import numpy as np
from conformance_checks import Checks, contains, equal, holds, read_arguments

arguments = read_arguments()

# Once the command line is read: kserve reads it too.
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.grpc import grpc_predict_v2_pb2 as messages
from kserve.protocol.grpc.grpc_predict_v2_pb2_grpc import GRPCInferenceServiceStub

# The clients log each refusal with its stack.
logging.disable(logging.CRITICAL)

checks = Checks("kserve")
check = checks.check
http_url = f"http://{arguments.http}"


def over_grpc(ask):
    async def asked():
        async with InferenceGRPCClient(arguments.grpc) as client:
            return await ask(client)

    return asyncio.run(asked())


def over_rest(ask):
    async def asked():
        async with InferenceRESTClient(RESTConfig(protocol="v2")) as client:
            return await ask(client)

    return asyncio.run(asked())


def stub(ask):
    with grpc.insecure_channel(arguments.grpc) as channel:
        return ask(GRPCInferenceServiceStub(channel))


def request(model="simple", binary=False, version=None):
    inputs = []
    for name in ("INPUT0", "INPUT1"):
        one = InferInput(name=name, shape=[1, 16], datatype="INT32")
        one.set_data_from_numpy(np.arange(16, dtype=np.int32).reshape(1, 16), binary_data=binary)
        inputs.append(one)
    return InferRequest(model_name=model, infer_inputs=inputs, request_id="k", model_version=version)


def sums(response):
    equal(response.id, "k", "id")
    output = next(each for each in response.outputs if each.name == "OUTPUT0")
    equal(list(output.as_numpy().flatten()), [2 * at for at in range(16)], "OUTPUT0")


@check("ServerLive ServerReady ModelReady", "gRPC: is live and ready, and a model is")
def grpc_health():
    holds(over_grpc(lambda client: client.is_server_live()), "not live")
    holds(over_grpc(lambda client: client.is_server_ready()), "not ready")
    holds(over_grpc(lambda client: client.is_model_ready("simple")), "simple is not ready")


@check("ModelInfer", "gRPC: infers, with tensors in typed and in raw form")
def grpc_infer():
    for binary in [False, True]:
        sums(over_grpc(lambda client, binary=binary: client.infer(request(binary=binary))))


@check("ModelInfer", "gRPC: an unknown model is refused")
def grpc_unknown():
    try:
        over_grpc(lambda client: client.infer(request("nope")))
    except grpc.RpcError as error:
        equal(error.code(), grpc.StatusCode.NOT_FOUND)
        contains(error.details(), "Request for unknown model")
        return
    raise AssertionError("it was not refused")


@check("RepositoryModelUnload RepositoryModelLoad", "KServe's form: the model's name in field 1, isLoaded and isUnloaded in the answer")
def load_and_unload():
    answer = stub(lambda made: made.RepositoryModelUnload(messages.RepositoryModelUnloadRequest(model_name="togglable")))
    equal([answer.model_name, answer.isUnloaded], ["togglable", True])
    holds(not over_grpc(lambda client: client.is_model_ready("togglable")), "it is ready after the unload")
    answer = stub(lambda made: made.RepositoryModelLoad(messages.RepositoryModelLoadRequest(model_name="togglable")))
    equal([answer.model_name, answer.isLoaded], ["togglable", True])
    sums(over_grpc(lambda client: client.infer(request("togglable"))))


@check("ServerMetadata ModelMetadata", "KServe's stubs read the metadata")
def metadata():
    server = stub(lambda made: made.ServerMetadata(messages.ServerMetadataRequest()))
    holds(server.name and server.version, "no name or version")
    model = stub(lambda made: made.ModelMetadata(messages.ModelMetadataRequest(name="simple")))
    equal([model.name, list(model.versions), list(model.inputs[0].shape)], ["simple", ["1"], [-1, 16]])


@check("ServerLive ServerReady ModelReady", "REST: is live and ready, and a model is; an unknown one is not")
def rest_health():
    holds(over_rest(lambda client: client.is_server_live(http_url)), "not live")
    holds(over_rest(lambda client: client.is_server_ready(http_url)), "not ready")
    holds(over_rest(lambda client: client.is_model_ready(http_url, "simple")), "simple is not ready")
    holds(not over_rest(lambda client: client.is_model_ready(http_url, "nope")), "an unknown model is ready")


@check("ModelInfer", "REST: infers, with tensors as JSON and in binary form")
def rest_infer():
    for binary in [False, True]:
        sums(over_rest(lambda client, binary=binary: client.infer(http_url, request(binary=binary), model_name="simple")))


@check("ModelInfer", "REST: an unknown model is 404, with the text in the field `error`")
def rest_unknown():
    try:
        over_rest(lambda client: client.infer(http_url, request("nope"), model_name="nope"))
    except Exception as error:
        contains(str(error), "404")
        contains(str(error), "Request for unknown model")
        return
    raise AssertionError("it was not refused")


checks.run()
