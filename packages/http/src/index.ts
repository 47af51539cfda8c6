export { createHttpServer, type HttpOptions, type RunningHttp } from './create-http-server.ts';
