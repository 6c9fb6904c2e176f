/** The results of a side that belong to a document and an example of the page. */
import { ownExchanges } from "./rows.ts";
import type { Side, SideDocument, SideExample } from "./side.ts";

export class ExampleFinder {
  readonly #side: Side;

  constructor(side: Side) {
    this.#side = side;
  }

  document(path: string): SideDocument | undefined {
    const { documents, isRecorded } = this.#side;
    const found = documents.find((one) => one.path === path);
    if (found || !isRecorded) return found;
    // The recording may have been made in another folder.
    const alike = documents.filter((one) => nameOf(one.path) === nameOf(path));
    return alike.length === 1 ? alike[0] : undefined;
  }

  /**
   * What became of an example; a sentence where nothing is known of it. Lines of a page move, so in a recording an example
   * is found by its name; of several with one name by their order.
   */
  example(path: string, example: SideExample, all: readonly SideExample[]): SideExample | string {
    const document = this.document(path);
    if (!this.#side.isRecorded)
      return document?.examples.find(({ line }) => line === example.line) ?? "the run was interrupted before";
    const nth = all.filter(({ name }) => name === example.name).indexOf(example);
    const found = document?.examples.filter(({ name }) => name === example.name)[nth];
    if (!found) return "the recording does not hold it";
    return isWrittenAlike(found, example) ? found : "the page has changed since the recording";
  }
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Whether two results are of the same written lines. An example that was not played says nothing of its lines. */
function isWrittenAlike(recorded: SideExample, now: SideExample): boolean {
  const [one, other] = [ownExchanges(recorded), ownExchanges(now)];
  return (
    one.length === 0 ||
    other.length === 0 ||
    (one.length === other.length &&
      one.every(({ expected }, i) => JSON.stringify(expected) === JSON.stringify(other[i]!.expected)))
  );
}
