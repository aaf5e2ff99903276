/** The page for operators: find a person, look, act. In English. Its address names the person, so that it can be kept. */
import { loadWords } from '../words.ts';
import { showFind } from './find.ts';
import { showPerson } from './person.ts';

function route(): void {
  const id = location.hash.slice(1);
  if (id === '') showFind();
  else void showPerson(id);
}

await loadWords();
addEventListener('hashchange', route);
route();
