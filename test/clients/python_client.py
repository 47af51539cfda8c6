"""Calls a router from Python, with stubs generated from proto/, and prints the answers as one JSON document.

Usage: python_client.py STUBS ROUTER IMAGE, where STUBS is the folder that holds the generated modules.
"""

import json
import struct
import sys

stubs, router, image = sys.argv[1:4]
sys.path.insert(0, stubs)

import grpc  # noqa: E402
from inference import grpc_service_pb2, grpc_service_pb2_grpc  # noqa: E402
from weft.nlp.v1 import nlp_pb2, nlp_pb2_grpc  # noqa: E402
from weft.vision.v1 import vision_pb2, vision_pb2_grpc  # noqa: E402

with grpc.insecure_channel(router) as channel, open(image, "rb") as file:
    nlp = nlp_pb2_grpc.NlpServiceStub(channel)
    vision = vision_pb2_grpc.VisionServiceStub(channel)
    inference = grpc_service_pb2_grpc.GRPCInferenceServiceStub(channel)

    embedded = nlp.Embed(nlp_pb2.EmbedRequest(texts=["a quiet river", "naïve café 🐎"]), timeout=60)
    read = vision.ReadText(vision_pb2.ReadTextRequest(image={"encoded": file.read()}), timeout=60)
    metadata = inference.ModelMetadata(grpc_service_pb2.ModelMetadataRequest(name="blazeface"), timeout=60)
    try:
        nlp.Embed(nlp_pb2.EmbedRequest(model="nobody", texts=["x"]), timeout=60)
        error = None
    except grpc.RpcError as refused:
        error = [refused.code().name, refused.details()]

    print(
        json.dumps(
            {
                "model": embedded.model,
                "embeddings": [
                    [struct.unpack("<f", struct.pack("<f", value))[0] for value in each.values] for each in embedded.embeddings
                ],
                "lines": [line.text for line in read.lines],
                "inputs": [[each.name, each.datatype, list(each.shape)] for each in metadata.inputs],
                "error": error,
            }
        )
    )
