/**
 * Everything that was started and must be stopped. It is closed in reverse order, each part once. After closing has
 * begun nothing new is opened, and what is just opening is waited for: half a database folder is a broken one.
 */
type Resource = { close(): Promise<void> };

export class Resources {
  #opened: Resource[] = [];
  #opening: Promise<unknown> = Promise.resolve();
  #closing = false;

  async open<R extends Resource>(start: () => Promise<R>): Promise<R> {
    if (this.#closing) throw new Error('The stack is stopping');
    const starting = start();
    this.#opening = starting.then(
      (resource) => this.#opened.push(resource),
      () => {},
    );
    await this.#opening;
    return starting;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#opening;
    for (const resource of this.#opened.splice(0).reverse()) await resource.close();
  }
}
