// Exits with 0 when this container's process is ready, for HEALTHCHECK: one grpc.health.v1 call at WEFT_HEALTH_PORT. Written
// against HTTP/2 itself, because loading a gRPC library takes longer than the whole check.

import { connect } from 'node:http2';

const session = connect(`http://127.0.0.1:${process.env.WEFT_HEALTH_PORT ?? 8003}`);
const end = (code) => {
  process.exitCode = code;
  session.destroy();
};
session.on('error', () => end(1));
session.setTimeout(4000, () => end(1));
const call = session.request({
  ':method': 'POST',
  ':path': '/grpc.health.v1.Health/Check',
  'content-type': 'application/grpc',
  te: 'trailers',
});
// A message without compression, of no bytes: the health of the whole process.
call.end(Buffer.alloc(5));
const parts = [];
call.on('data', (part) => parts.push(part));
call.on('error', () => end(1));
// Field 1, a number: 1 is SERVING.
call.on('end', () =>
  end(
    Buffer.concat(parts)
      .subarray(5)
      .equals(Buffer.from([8, 1]))
      ? 0
      : 1,
  ),
);
