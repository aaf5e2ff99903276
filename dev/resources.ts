/**
 * What has been started and must be stopped: closed in reverse order, each once, and nothing opens once
 * closing has begun. What is just opening is waited for, since a half-made database folder is a broken one.
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
