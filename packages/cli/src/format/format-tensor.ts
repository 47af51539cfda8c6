// A tensor as people read it: nested like the array it is, numbers to six digits, long ones cut.
import { type OutputTensor, tensorValues } from '@weft/client';
import { formatNested } from '../input/nested-values.ts';

const shownElements = 200;

export function formatTensor(name: string, tensor: OutputTensor): string {
  const count = tensor.elements.length;
  const title = `${name}  ${tensor.datatype} [${tensor.shape.join(', ')}]`;
  const values = tensorValues(tensor).slice(0, shownElements).map(formatValue);
  if (count <= shownElements) return `${title}\n${formatNested(tensor.shape, values)}`;
  return `${title}\n[${values.slice(0, 10).join(', ')}, …] ${count} elements (--json prints all)`;
}

function formatValue(value: number | bigint | boolean | string): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value);
}
