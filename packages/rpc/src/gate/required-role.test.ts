import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RequiredRole, requiredRole } from './required-role.ts';

const inference = (method: string) => `/inference.GRPCInferenceService/${method}`;

test('each method needs the role of its kind', () => {
  const expected: Readonly<Record<RequiredRole, readonly string[]>> = {
    public: [
      '/grpc.health.v1.Health/Check',
      '/grpc.health.v1.Health/Watch',
      ...['ServerLive', 'ServerReady'].map(inference),
    ],
    infer: [
      ...['ServerMetadata', 'ModelReady', 'ModelMetadata', 'ModelConfig', 'ModelStatistics', 'ModelInfer'].map(
        inference,
      ),
      ...['ModelStreamInfer', 'RepositoryIndex'].map(inference),
      '/weft.nlp.v1.NlpService/Embed',
      '/weft.generator.v1.GeneratorService/UpscaleStream',
      '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
      '/acme.speech.v1.SpeechService/Transcribe',
    ],
    admin: [
      ...['RepositoryModelLoad', 'RepositoryModelUnload', 'TraceSetting', 'LogSettings'].map(inference),
      ...['SystemSharedMemoryRegister', 'SystemSharedMemoryUnregister', 'SystemSharedMemoryStatus'].map(inference),
      ...['CudaSharedMemoryRegister', 'CudaSharedMemoryUnregister', 'CudaSharedMemoryStatus'].map(inference),
      '/weft.router.v1.Admin/Push',
      '/weft.router.v1.Admin/WatchModels',
      '/weft.models.v1.Anything/AtAll',
    ],
    executor: [
      '/weft.executor.v1.Executor/Watch',
      '/weft.executor.v1.Executor/Attach',
      '/weft.executor.v2.Executor/New',
    ],
  };
  for (const [role, paths] of Object.entries(expected)) {
    for (const path of paths) assert.equal(requiredRole(path), role, path);
  }
});

test('a method that nobody has listed yet is administration, not a gift', () => {
  assert.equal(requiredRole(inference('ModelDelete')), 'admin');
  assert.equal(requiredRole(inference('')), 'admin');
  assert.equal(requiredRole(inference('toString')), 'admin');
  assert.equal(requiredRole('/inference.OtherService/ServerLive'), 'admin');
});

test('a name that only looks like a public one is none', () => {
  assert.equal(requiredRole('/grpc.health.v1.HealthX/Check'), 'infer');
  assert.equal(requiredRole('/inference.GRPCInferenceService/serverlive'), 'admin');
  assert.equal(requiredRole('/inference.GRPCInferenceService/ServerLive/'), 'admin');
});
