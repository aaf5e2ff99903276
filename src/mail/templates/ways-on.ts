/** Where a mail leads, besides the links that do something. None of these links carries a secret. */
import type { Sentences } from '../languages/en.ts';
import { type Block, pageOf, type Sender } from '../message.ts';

export type WayOn = (sentences: Sentences, sender: Sender) => Block[];

/** To the product, if it is configured where that is. */
export const toApp: WayOn = ({ openApp }, { appUrl, productName }) =>
  appUrl === undefined ? [] : [{ label: openApp(productName), link: appUrl }];

/** To our page that says what to do when it was somebody else: it mails a new password's link to the owner. */
export const toWasThisYou: WayOn = ({ notMe }, sender) => [
  { label: notMe, link: pageOf(sender, '/was-this-you') },
];

/** To people, when nothing else helps. */
export const toSupport: WayOn = ({ getHelp }, { supportUrl }) =>
  supportUrl === undefined ? [] : [{ label: getHelp, link: supportUrl }];
