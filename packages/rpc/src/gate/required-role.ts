// Which role a method needs. Every process asks this one function for every call, whatever way the call came in: rules
// that live beside the handlers get forgotten on one path, and that path is the bypass. What is not listed as harmless
// needs the stronger role wherever a service of ours has both kinds of methods.

export const roles = ['infer', 'admin', 'executor'] as const;
export type Role = (typeof roles)[number];
export type RequiredRole = Role | 'public';

/** Methods of the Open Inference Protocol that any load balancer may call, and those of clients; the rest is administration. */
const openInference = '/inference.GRPCInferenceService/';
const publicMethods = new Set(['ServerLive', 'ServerReady']);
const inferMethods = new Set([
  'ServerMetadata',
  'ModelReady',
  'ModelMetadata',
  'ModelConfig',
  'ModelStatistics',
  'ModelInfer',
  'ModelStreamInfer',
  'RepositoryIndex',
]);

/** The role for a method's full path, such as `/weft.nlp.v1.NlpService/Embed`. Services nobody knows here are typed APIs: infer. */
export function requiredRole(path: string): RequiredRole {
  if (path.startsWith(openInference)) {
    const method = path.slice(openInference.length);
    if (inferMethods.has(method)) return 'infer';
    return publicMethods.has(method) ? 'public' : 'admin';
  }
  if (path.startsWith('/weft.executor.')) return 'executor';
  if (path.startsWith('/weft.router.') || path.startsWith('/weft.models.') || path.startsWith('/inference.'))
    return 'admin';
  return path.startsWith('/grpc.health.v1.Health/') ? 'public' : 'infer';
}
