// Settings of processes of their own, which somebody else starts and watches: an orchestrator's probes know no TLS and no
// tokens. In `weft up` all components share one process, and one look at its router is enough.
import { defineSettings, type SettingsOf } from '../setting.ts';

export const probeSettings = defineSettings({
  healthPort: {
    kind: 'port',
    doc: 'Port of a second listener, without TLS, that answers grpc.health.v1 and nothing else: for probes. Absent: none',
  },
});

export type ProbeSettings = SettingsOf<typeof probeSettings>;
