// The extensions of the protocol that are served here, by the names that Triton gave them: clients ask for one before they use it.
const always: readonly string[] = [
  'classification',
  'sequence',
  'model_repository',
  'model_repository(unload_dependents)',
  'schedule_policy',
  'model_configuration',
  'binary_tensor_data',
  'parameters',
  'statistics',
  'trace',
  'logging',
];

export function extensions(systemSharedMemory: boolean): string[] {
  return systemSharedMemory ? [...always, 'system_shared_memory'] : [...always];
}
