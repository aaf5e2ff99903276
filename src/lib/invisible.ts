/** Characters that a reader does not see, and that make one text look like another (Unicode TR 36, section 2). */

/** White space other than the ASCII space, and what is not displayed: BOM, zero-width, bidi controls, tags. */
export const hasInvisible = (text: string): boolean =>
  /(?! )\p{Zs}|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(text);

/** Controls that turn the direction of what follows, also of text after this one. */
export const hasBidiControl = (text: string): boolean => /\p{Bidi_Control}/u.test(text);

/** Letters that nobody sees and machines read. */
export const hasTag = (text: string): boolean => /[\u{e0000}-\u{e007f}\ufeff]/u.test(text);

export const isVisible = (text: string): boolean =>
  text.replace(/[\s\p{Default_Ignorable_Code_Point}\u2800]/gu, '') !== '';
