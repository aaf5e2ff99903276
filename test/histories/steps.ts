/** The steps a history is made of: plain data, so that what was found can be read, and written down as a test. */
import {
  type AskToMove,
  askToMove,
  type ConfirmMove,
  confirmMove,
  type TakeBack,
  takeBack,
} from './address-commands.ts';
import type { UseUp } from './client-limits.ts';
import { type DeleteMe, deleteMe } from './deletion-commands.ts';
import { type ChangeFactors, type ConfirmApp, changeFactors, confirmApp } from './factor-change-commands.ts';
import { type AnswerFactor, answerFactor } from './factor-commands.ts';
import { type LogIn, logIn } from './login-commands.ts';
import { type Operate, operate } from './operator-commands.ts';
import {
  type ChangePassword,
  changePassword,
  type Forgot,
  forgot,
  type Reset,
  reset,
} from './password-commands.ts';
import { type Report, report } from './report-commands.ts';
import {
  type EndSessions,
  endSessionsOf,
  type LogOut,
  logOut,
  type ReadMe,
  type Refresh,
  readMe,
  refresh,
} from './session-commands.ts';
import {
  type ProveByCode,
  type ProveByLink,
  proveByCode,
  proveByLink,
  type Resend,
  resend,
  type SignUp,
  signUp,
} from './signup-commands.ts';
import { type Call, type Command, newId, type World } from './world.ts';

export type Request =
  | SignUp
  | ProveByCode
  | ProveByLink
  | Resend
  | LogIn
  | Refresh
  | LogOut
  | ReadMe
  | EndSessions
  | Forgot
  | Reset
  | ChangePassword
  | AskToMove
  | ConfirmMove
  | TakeBack
  | DeleteMe
  | AnswerFactor
  | ConfirmApp
  | ChangeFactors
  | Operate
  | Report;

/**
 * `lost`: it is done, and its client gets no answer. `cut`: the same, because the answer of the database is lost on
 * the way; `secondCut`, `secondDown`: that of its second trip is lost, or the database is down by then. `databaseDown`,
 * `redisDown`: while it is sent.
 */
export type Trouble = 'lost' | 'cut' | 'secondCut' | 'secondDown' | 'databaseDown' | 'redisDown';

/** `mailFalters`: from here on the provider accepts each mail and its answer is lost; or this ends. */
export type Step =
  | Request
  | { do: Trouble; request: Request }
  | { do: 'atOnce'; first: Request; second: Request }
  | { do: 'wait'; seconds: number }
  | UseUp
  | { do: 'sweep' | 'mailStops' | 'mailGoes' | 'mailFalters' };

/** The request, with the tokens and mails of its client that it uses; undefined when there are none. */
export function callOf(world: World, request: Request): Call | undefined {
  const made = commandOf(world, request);
  return made && { ...made, id: newId(world, request.do) };
}

function commandOf(world: World, request: Request): Command | undefined {
  switch (request.do) {
    case 'signUp':
      return signUp(world, request);
    case 'proveByCode':
      return proveByCode(world, request);
    case 'proveByLink':
      return proveByLink(world, request);
    case 'resend':
      return resend(world, request);
    case 'logIn':
      return logIn(world, request);
    case 'refresh':
      return refresh(world, request);
    case 'logOut':
      return logOut(world, request);
    case 'readMe':
      return readMe(world, request);
    case 'endOne':
    case 'endOthers':
      return endSessionsOf(world, request);
    case 'forgot':
      return forgot(world, request);
    case 'reset':
      return reset(world, request);
    case 'changePassword':
      return changePassword(world, request);
    case 'askToMove':
      return askToMove(world, request);
    case 'confirmMove':
      return confirmMove(world, request);
    case 'takeBack':
      return takeBack(world, request);
    case 'deleteMe':
      return deleteMe(world, request);
    case 'answerFactor':
      return answerFactor(world, request);
    case 'confirmApp':
      return confirmApp(world, request);
    case 'beginApp':
    case 'removeApp':
    case 'renewCodes':
    case 'stepUp':
      return changeFactors(world, request);
    case 'operate':
      return operate(world, request);
    case 'report':
      return report(world, request);
  }
}
