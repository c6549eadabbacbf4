/** Calls of gRPC whose messages are text: their definitions, and how clients of @grpc/grpc-js make them. */
import * as grpc from '@grpc/grpc-js';

export type GrpcClient = InstanceType<ReturnType<typeof grpc.makeGenericClientConstructor>>;
export type GrpcStream = grpc.ClientDuplexStream<string, string>;
type Definition = grpc.MethodDefinition<string, string>;

const text = {
  requestSerialize: (value: string): Buffer => Buffer.from(value),
  requestDeserialize: (bytes: Buffer): string => bytes.toString(),
  responseSerialize: (value: string): Buffer => Buffer.from(value),
  responseDeserialize: (bytes: Buffer): string => bytes.toString(),
};

export function ofOneAnswer(path: string): Definition {
  return { path, requestStream: false, responseStream: false, ...text };
}

export function ofStreams(path: string): Definition {
  return { path, requestStream: true, responseStream: true, ...text };
}

type Act = (
  request: string,
  metadata: grpc.Metadata,
  options: grpc.CallOptions,
  callback: (error: grpc.ServiceError | null, answer?: string) => void,
) => void;

const longestMs = 30_000;

/** The answer, or the status and details with which the call failed. */
export function called(
  client: GrpcClient,
  method: string,
  request = 'x',
  metadata: grpc.Metadata = new grpc.Metadata(),
): Promise<string> {
  return new Promise((resolve) => {
    (client[method] as Act).call(client, request, metadata, { deadline: Date.now() + longestMs }, (error, answer) =>
      resolve(error === null ? String(answer) : `${grpc.status[error.code]} ${error.details}`),
    );
  });
}

export function streamOf(client: GrpcClient, method: string): GrpcStream {
  return (client[method] as () => GrpcStream).call(client);
}
