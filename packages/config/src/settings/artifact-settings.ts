// Where the files of models may come from, and what is asked of them: for the processes that load models.
import { parseHostPattern } from '../host-pattern.ts';
import { GiB } from '../quantity.ts';
import { defineSettings, type SettingsOf } from '../setting.ts';

export const artifactSettings = defineSettings({
  artifactRoots: {
    kind: 'list',
    item: 'directories',
    doc: 'Directories that the file: references of pushed models may lead to',
  },
  artifactHosts: {
    kind: 'list',
    item: 'hosts',
    check: parseHostPattern,
    default: ['huggingface.co', '*.huggingface.co', '*.hf.co'],
    doc: 'Hosts that models may be fetched from, redirects included, such as example.com,*.example.com; http://example.com allows plain HTTP',
  },
  artifactPrivateHosts: {
    kind: 'list',
    item: 'hosts',
    check: parseHostPattern,
    doc: 'Those of the hosts that may have private or loopback addresses',
  },
  maxArtifactBytes: { kind: 'bytes', default: 16 * GiB, minimum: 1, doc: 'Largest file of a model that is fetched' },
  hfEndpoint: {
    kind: 'string',
    env: 'HF_ENDPOINT',
    default: 'https://huggingface.co',
    doc: 'Where hf: references are fetched from; its host must be among the hosts',
  },
  hfTokenFile: { kind: 'path', doc: 'File that holds the token shown to that endpoint, and to no other host' },
  trustedKeys: {
    kind: 'list',
    item: 'files',
    doc: 'Public Ed25519 keys (PEM); with them only versions that one of the keys has signed are loaded',
  },
});

export type ArtifactSettings = SettingsOf<typeof artifactSettings>;
