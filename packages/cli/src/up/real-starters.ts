// The services themselves. Loaded only when a mesh is started: the other commands need none of their code.
import type { Telemetry } from '@weft/telemetry';
import type { Starters } from './start-mesh.ts';

const services = {
  nlp: async () => (await import('@weft/nlp')).startNlp,
  vision: async () => (await import('@weft/vision')).startVision,
  generator: async () => (await import('@weft/generator')).startGenerator,
  custom: async () => (await import('@weft/custom')).startCustom,
};

export function realStarters(telemetry: Pick<Telemetry, 'forComponent'>): Starters {
  return {
    async startService(name, settings) {
      const start = await services[name]();
      return await start(settings, telemetry.forComponent(name));
    },
    async startRouter(settings) {
      const { startRouter } = await import('@weft/router');
      return await startRouter(settings, telemetry.forComponent('router'));
    },
  };
}
