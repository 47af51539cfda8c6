/** The one method of the bare echo server. */
export const echoPath = '/weft.bench.Echo/Echo';
