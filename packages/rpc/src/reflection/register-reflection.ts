// gRPC server reflection, in both versions that tools speak: which services this process serves, and the files that describe the
// whole wire contract. Not @grpc/reflection: it adds itself to a bare server, past the gate, and brings a second protobufjs.
import type { ServerReflectionRequest__Output } from '../gen/grpc/reflection/v1/ServerReflectionRequest.ts';
import type { ServerReflectionResponse } from '../gen/grpc/reflection/v1/ServerReflectionResponse.ts';
import { grpcStatusOf } from '../grpc-status.ts';
import type { RpcServer } from '../server/rpc-server.ts';
import { type FileIndex, fileIndex, withImports } from './file-index.ts';

type Answer = Omit<ServerReflectionResponse, 'validHost' | 'originalRequest'>;

/** `closing` ends every stream: tools keep theirs open. */
export function registerReflection(server: RpcServer, closing: AbortSignal): void {
  for (const version of ['v1', 'v1alpha'])
    server.bidi<ServerReflectionRequest__Output, ServerReflectionResponse>(
      `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      (requests) => answers(requests, server, closing),
    );
}

async function* answers(
  requests: AsyncIterable<ServerReflectionRequest__Output>,
  server: RpcServer,
  closing: AbortSignal,
): AsyncGenerator<ServerReflectionResponse, void> {
  const iterator = requests[Symbol.asyncIterator]();
  // One listener, whose target changes: a promise that lives as long as the process would keep every wait.
  let leave = (): void => {};
  const onClosing = (): void => leave();
  closing.addEventListener('abort', onClosing);
  try {
    while (!closing.aborted) {
      const next = await new Promise<IteratorResult<ServerReflectionRequest__Output> | undefined>((resolve, reject) => {
        leave = () => resolve(undefined);
        iterator.next().then(resolve, reject);
      });
      if (next === undefined || next.done === true) return;
      const { value } = next;
      yield { validHost: value.host, originalRequest: value, ...answer(value, server.services) };
    }
  } finally {
    closing.removeEventListener('abort', onClosing);
  }
}

/** `services` are those that the process serves. */
export function answer(request: ServerReflectionRequest__Output, services: readonly string[]): Answer {
  const index = fileIndex();
  switch (request.messageRequest) {
    case 'listServices':
      return { listServicesResponse: { service: services.map((name) => ({ name })) } };
    case 'fileByFilename': {
      const name = request.fileByFilename ?? '';
      return files(index, index.byName.get(name), `file '${name}' is not found`);
    }
    case 'fileContainingSymbol': {
      const symbol = request.fileContainingSymbol ?? '';
      return files(index, index.bySymbol.get(symbol), `symbol '${symbol}' is not found`);
    }
    case 'fileContainingExtension': {
      const { containingType = '', extensionNumber = 0 } = request.fileContainingExtension ?? {};
      const file = index.byExtension.get(containingType)?.get(extensionNumber);
      return files(index, file, `extension ${extensionNumber} of '${containingType}' is not found`);
    }
    case 'allExtensionNumbersOfType': {
      const baseTypeName = request.allExtensionNumbersOfType ?? '';
      if (!index.bySymbol.has(baseTypeName)) return failure('NOT_FOUND', `type '${baseTypeName}' is not found`);
      const numbers = [...(index.byExtension.get(baseTypeName)?.keys() ?? [])];
      return { allExtensionNumbersResponse: { baseTypeName, extensionNumber: numbers.sort((a, b) => a - b) } };
    }
    default:
      return failure('INVALID_ARGUMENT', 'the request asks for nothing that is known here');
  }
}

function files(index: FileIndex, file: Parameters<typeof withImports>[1] | undefined, otherwise: string): Answer {
  if (file === undefined) return failure('NOT_FOUND', otherwise);
  return { fileDescriptorResponse: { fileDescriptorProto: withImports(index, file).map(({ encoded }) => encoded) } };
}

function failure(code: 'NOT_FOUND' | 'INVALID_ARGUMENT', errorMessage: string): Answer {
  return { errorResponse: { errorCode: grpcStatusOf(code), errorMessage } };
}
