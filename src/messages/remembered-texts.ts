/** Characters of a generation: some thousand records of the usual size, or eight of the largest. */
const GENERATION = 2 * 1024 * 1024;

/**
 * The JSON text of objects that are written again and again, as a record is: in each of its intents, and in the state after each step.
 * Such objects never change, so it is enough to know them by identity. Two generations, the older of which is dropped when the younger
 * is full: what is in use stays, what nobody asks for goes, and memory is bounded however large single texts are.
 */
export class RememberedTexts {
  private young = new Map<object, string>();
  private old: ReadonlyMap<object, string> = new Map();
  private characters = 0;

  constructor(
    private readonly make: (value: object) => string,
    private readonly generation: number = GENERATION,
  ) {}

  of(value: object): string {
    return this.young.get(value) ?? this.remember(value, this.old.get(value) ?? this.make(value));
  }

  private remember(value: object, text: string): string {
    this.characters += text.length;
    if (this.characters > this.generation) {
      this.old = this.young;
      this.young = new Map();
      this.characters = text.length;
    }
    this.young.set(value, text);
    return text;
  }
}
