/** Work that is done one after the other. It must not wait for another turn. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Resolves when all work that has begun is done. */
  async over(): Promise<void> {
    await this.#last;
  }
}
