/**
 * A text with places to be filled in: what is the same in thousands of messages is encoded once. Places are named by the text that stands
 * there in the sample, each wherever it occurs.
 */
export class Template {
  readonly #pieces: readonly string[];
  readonly #places: readonly number[];

  /** Throws when a sample is not in the text: the message would then be the same for all. */
  constructor(text: string, samples: readonly string[]) {
    for (const sample of samples)
      if (!text.includes(sample)) throw new Error(`"${sample}" is not in the text: ${text}`);
    const anyOf = new RegExp(samples.map((sample) => sample.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g');
    this.#pieces = text.split(anyOf);
    this.#places = [...text.matchAll(anyOf)].map(([found]) => samples.indexOf(found));
  }

  /** `values` in the order of the samples. */
  fill(values: readonly string[]): string {
    let text = this.#pieces[0] ?? '';
    for (let i = 0; i < this.#places.length; i++)
      text += (values[this.#places[i] ?? 0] ?? '') + (this.#pieces[i + 1] ?? '');
    return text;
  }
}
