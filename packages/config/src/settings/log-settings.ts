// Settings of logs and traces. The endpoint keeps OpenTelemetry's own variable, so one environment configures all tools.
import { defineSettings, type SettingsOf } from '../setting.ts';

export const logSettings = defineSettings({
  logLevel: {
    kind: 'choice',
    values: ['debug', 'info', 'warn', 'error', 'silent'],
    default: 'info',
    doc: 'Least level that is logged',
  },
  logFormat: {
    kind: 'choice',
    values: ['auto', 'json', 'text'],
    default: 'auto',
    doc: 'Lines of JSON, or text for people; auto writes text to a terminal and JSON elsewhere',
  },
  otlpEndpoint: {
    kind: 'string',
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    doc: 'Where traces are sent, such as http://127.0.0.1:4318; without it nothing is traced',
  },
  otlpProtocol: {
    kind: 'choice',
    env: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    values: ['http/protobuf', 'grpc'],
    default: 'http/protobuf',
    doc: 'How traces are sent',
  },
});

export type LogSettings = SettingsOf<typeof logSettings>;
