import * as grpc from "@grpc/grpc-js";

/**
 * Serves a plugin on a free loopback port and prints that port, which is how the engine finds it. The process ends with
 * its parent.
 *
 * @param service - The calls of the plugin's protocol.
 * @param handlers - Answers; the calls that are left out answer "unimplemented".
 */
export async function servePlugin(
  service: grpc.ServiceDefinition,
  handlers: grpc.UntypedServiceImplementation,
): Promise<void> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": 400 << 20 });
  server.addService(service, handlers);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error) {
        reject(error);
      } else {
        resolve(bound);
      }
    });
  });
  process.stdout.write(`${port}\n`);
  endWithParent();
}

function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) {
      process.exit(0);
    }
  }, 2000).unref();
}

/**
 * The handler of a call with one request and one response.
 *
 * @param answer - What it does.
 */
export function unary<Request, Response>(
  answer: (request: Request) => Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    answer(call.request).then(
      (response) => {
        callback(null, response);
      },
      (error: unknown) => {
        callback(unknownStatus(error));
      },
    );
  };
}

function unknownStatus(thrown: unknown): Partial<grpc.StatusObject> {
  return {
    code: grpc.status.UNKNOWN,
    details: thrown instanceof Error ? thrown.message : String(thrown),
  };
}
