"""What NVIDIA's tritonclient does against the mesh, in one of its flavours: grpc, grpc.aio, http, http.aio."""

# Importing them declares their checks, in this order.
import triton_repository_checks  # noqa: F401
import triton_infer_checks  # noqa: F401
import triton_stream_checks  # noqa: F401
from triton_session import checks, client, is_async, settled

checks.run()
if is_async:
    settled(client.bare.close())
else:
    client.bare.close()
