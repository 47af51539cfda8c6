/** The bare echo server's unary method. */
export const echoPath = '/weft.bench.Echo/Echo';
/** Its bidirectional one: each message comes back. */
export const echoStreamPath = '/weft.bench.Echo/EchoStream';
