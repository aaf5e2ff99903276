/** The form of a notice: what happened, when and from where, and what to do about it. */
import type { Content } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

/** The texts of one language. Without an `event` there are no facts to show. */
export type Notice = { subject: string; preview: string; happened: string[]; advice: string };

export const notice = (
  { subject, preview, happened, advice }: Notice,
  event: Occasion | null = null,
): Content => ({
  subject,
  preview,
  blocks: [...happened.map((paragraph) => ({ paragraph })), ...occasionBlock(event), { paragraph: advice }],
});
