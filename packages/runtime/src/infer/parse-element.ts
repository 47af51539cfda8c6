// An element of a tensor from the text of a parameter.
import { type Datatype, datatypes, type Element } from '@weft/tensor';

/** Undefined when the text is no value of the datatype. Of FP16 and BF16, which Node cannot convert, zero alone. */
export function parseElement(datatype: Datatype, text: string): Element | undefined {
  switch (datatype) {
    case 'BYTES':
      return Buffer.from(text, 'utf8');
    case 'BOOL':
      return ['false', '0', 'true', '1'].includes(text) ? Number(text === 'true' || text === '1') : undefined;
    case 'FP16':
    case 'BF16':
      return Number(text) === 0 && text !== '' ? 0 : undefined;
    case 'FP32':
    case 'FP64':
      return text !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
    case 'INT64':
    case 'UINT64':
      return /^-?\d+$/.test(text) && kept(datatype, BigInt(text)) ? BigInt(text) : undefined;
    default:
      return /^-?\d+$/.test(text) && kept(datatype, Number(text)) ? Number(text) : undefined;
  }
}

/** Whether an array of the datatype gives the value back. */
function kept(datatype: Exclude<Datatype, 'BYTES'>, value: number | bigint): boolean {
  return new datatypes[datatype].array(1).fill(value as never)[0] === value;
}
