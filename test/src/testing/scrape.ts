// Metrics as Prometheus reads them.

export interface Metrics {
  /** The sum of all samples of this name whose labels have these values; 0 without any. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
  /** All values of a label. */
  values(name: string, label: string): string[];
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The text form, at its URL. */
export async function scrape(url: string): Promise<Metrics> {
  const text = await (await fetch(url)).text();
  const samples = text.split('\n').flatMap((line) => readSample(line) ?? []);
  const of = (name: string): Sample[] => samples.filter((sample) => sample.name === name);
  return {
    sum(name, labels = {}) {
      const wanted = Object.entries(labels);
      const matching = of(name).filter((sample) => wanted.every(([label, value]) => sample.labels[label] === value));
      return matching.reduce((sum, { value }) => sum + value, 0);
    },
    values: (name, label) => [...new Set(of(name).flatMap(({ labels }) => labels[label] ?? []))].sort(),
  };
}

function readSample(line: string): Sample | undefined {
  const [, name, labels = '', value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
  if (name === undefined) return undefined;
  const pairs = [...labels.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, label = '', text = '']) => [label, text] as const);
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}
