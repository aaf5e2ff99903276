/**
 * The code that lets a log-in without a second factor add one (MFA_REQUIRED). It says from where somebody came who knows
 * the password: it may be a thief.
 */
import type { Template } from '../message.ts';
import { type Occasion, occasionBlock } from './occasion.ts';

export type EnrolCodeValues = { code: string; minutes: number; event: Occasion | null };

export const enrolCode: Template<EnrolCodeValues> = (values, sentences, { productName }) => {
  const { subject, heading, preview, enterCode, note } = sentences.enrolCode(productName, values);
  return {
    subject,
    heading,
    preview,
    blocks: [
      { paragraph: enterCode },
      { code: values.code },
      ...occasionBlock(values.event, sentences),
      { note },
    ],
  };
};
