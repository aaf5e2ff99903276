import { GatehouseError } from '@gatehouse/client';
import { type FormEvent, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { auth, useProfile, useSession } from './session.ts';

function LogIn() {
  const [problem, setProblem] = useState('');
  async function logIn(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    try {
      await auth.logIn({ email: String(fields.get('email')), password: String(fields.get('password')) });
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      setProblem(error.message);
    }
  }
  return (
    <form onSubmit={logIn}>
      <h1>Log in</h1>
      <label>
        Email <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button type="submit">Log in</button>
      <p role="status">{problem}</p>
    </form>
  );
}

function Account() {
  const profile = useProfile();
  return (
    <section>
      <h1>Hello, {profile?.name}</h1>
      <button type="button" onClick={() => auth.logOut()}>
        Log out
      </button>
    </section>
  );
}

function App() {
  const { status } = useSession();
  if (status === 'unknown') return <p role="status">One moment…</p>;
  return status === 'signedIn' ? <Account /> : <LogIn />;
}

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
