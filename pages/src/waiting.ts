/** Time that has to pass: a button that says how long, and a page that says when it is over. */
import { h } from './element.ts';
import { busyButton } from './form.ts';
import { type Key, t } from './words.ts';

const second = 1_000;

/** `0:42` */
const left = (until: number): string => {
  const seconds = Math.ceil((until - Date.now()) / second);
  return `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, '0')}`;
};

/** Grey until then. Read aloud only when the wait is over. */
export function waitingButton(words: { press: Key; busy: Key; wait: Key }, press: () => Promise<void>) {
  const { element, during } = busyButton(t(words.press), t(words.busy), { type: 'button' });
  const status = h('span', { role: 'status', class: 'silent' });
  let until = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  function show(): void {
    const isOver = Date.now() >= until;
    element.setAttribute('aria-disabled', `${!isOver}`);
    if (element.ariaBusy !== 'true')
      element.textContent = isOver ? t(words.press) : t(words.wait, { left: left(until) });
    if (!isOver || timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    status.textContent = t(words.press);
  }
  element.addEventListener('click', () => void during(press).finally(show));
  return {
    element: [element, status],
    waitUntil(given: number) {
      until = given;
      clearInterval(timer);
      timer = Date.now() < until ? setInterval(show, second) : undefined;
      status.textContent = '';
      show();
    },
  };
}

/** Calls back at that time, also after the machine has slept. */
export function at(until: number, then: () => void): void {
  const timer = setInterval(() => {
    if (Date.now() < until) return;
    clearInterval(timer);
    then();
  }, second);
}
