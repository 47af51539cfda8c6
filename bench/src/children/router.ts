// The router in a process of its own, started as its main.ts does, on a free port.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '@weft/config';
import { routerSettings, startRouter } from '@weft/router';
import { answerParent } from './answer-parent.ts';
import { quietTelemetry } from './telemetry.ts';

export type RouterQuestions = {
  /** Starts it in front of these endpoints and waits until it has reached them; answers its own address. */
  start(endpoints: readonly string[]): Promise<string>;
  /** The same, with the event log in a data directory that services share. */
  startIn(options: { readonly endpoints: readonly string[]; readonly dataDirectory: string }): Promise<string>;
  /** host:port of REST, once it is started. */
  httpAddress(): string;
};

let stop: () => Promise<void> = async () => {};
let rest = '';

/** Where nothing is pushed, the folder of the event log is never made. */
const start: RouterQuestions['start'] = (endpoints) =>
  startIn({ endpoints, dataDirectory: join(tmpdir(), `weft-bench-${process.pid}`) });

const startIn: RouterQuestions['startIn'] = async ({ endpoints, dataDirectory }) => {
  const argv = ['--port', '0', '--metrics-port', '0', '--http-port', '0', '--endpoints', endpoints.join(',')];
  argv.push('--data-directory', dataDirectory);
  const telemetry = await quietTelemetry('router');
  const router = await startRouter(readSettings(routerSettings, { argv, env: {} }), telemetry);
  stop = async () => {
    await router.stop();
    await telemetry.stop();
  };
  await router.ready;
  rest = router.httpAddress ?? '';
  return router.grpcAddress;
};

answerParent({ start, startIn, httpAddress: () => rest } satisfies RouterQuestions, () => stop());
