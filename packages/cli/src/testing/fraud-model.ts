// What the tests of administration share: a model of two versions on disk, and for each test a router with an admin service of
// its own. To be called inside a `describe`.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach } from 'node:test';
import { FakeAdmin, type FakeRouter, startFakeRouter } from '@weft/client/testing';
import { type Overrides, type Run, runWeft, type StartedWeft, startWeft } from './run-weft.ts';

export interface FraudModel {
  /** Of the test that runs. */
  readonly admin: FakeAdmin;
  readonly router: FakeRouter;
  /** A folder for more files. */
  readonly root: string;
  /** The model's own folder, `<root>/fraud`. */
  readonly folder: string;
  /** Each against that router. */
  weft(...args: string[]): Promise<Run>;
  push(...args: string[]): Promise<Run>;
  start(args: readonly string[], overrides?: Overrides): StartedWeft;
}

export function fraudModel(): FraudModel {
  let root = '';
  let folder = '';
  let admin: FakeAdmin;
  let router: FakeRouter;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'weft-life-'));
    folder = join(root, 'fraud');
    for (const version of ['1', '2']) {
      mkdirSync(join(folder, version), { recursive: true });
      writeFileSync(join(folder, version, 'model.onnx'), Buffer.alloc(1_500_000, version));
    }
    writeFileSync(join(folder, 'config.pbtxt'), 'max_batch_size: 8');
  });
  after(() => rmSync(root, { recursive: true }));
  beforeEach(async () => {
    admin = new FakeAdmin();
    router = await startFakeRouter({}, undefined, admin);
  });
  afterEach(() => router.stop());
  const weft = (...args: string[]): Promise<Run> => runWeft([...args, '--router', router.address]);
  return {
    get admin() {
      return admin;
    },
    get router() {
      return router;
    },
    get root() {
      return root;
    },
    get folder() {
      return folder;
    },
    weft,
    push: (...args) => weft('push', folder, '--name', 'fraud', ...args),
    start: (args, overrides) => startWeft([...args, '--router', router.address], overrides),
  };
}
